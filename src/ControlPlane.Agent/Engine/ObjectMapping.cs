using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using Docker.DotNet.Models;

namespace ControlPlane.Agent.Engine;

/// <summary>Images, networks and volumes in our records. What an engine lists is bounded, each object and the list.</summary>
internal static class ObjectMapping
{
    private const int LargestDocument = 64 * 1024;
    private const int LargestLabels = 16 * 1024;

    // One list is one message: documents and labels beyond it stay away, objects never.
    private const int LargestList = 1024 * 1024;

    public static IReadOnlyList<ImageReport> ToImages(IEnumerable<ImagesListResponse> images)
    {
        var left = LargestList;
        return [.. images.Select(image => ToReport(image, ref left))];
    }

    /// <summary>Reads the body of <c>GET /networks</c>.</summary>
    public static IReadOnlyList<NetworkReport> ToNetworks(byte[] list)
    {
        using var json = JsonDocument.Parse(list);
        var left = LargestList;
        return [.. Items(json.RootElement).Where(network => Text(network, "Id").Length > 0).Select(network => ToNetwork(network, ref left))];
    }

    /// <summary>Reads the body of <c>GET /volumes</c>.</summary>
    public static IReadOnlyList<VolumeReport> ToVolumes(byte[] list)
    {
        using var json = JsonDocument.Parse(list);
        var left = LargestList;
        return [.. Items(Member(json.RootElement, "Volumes")).Where(volume => Text(volume, "Name").Length > 0).Select(volume => ToVolume(volume, ref left))];
    }

    private static ImageReport ToReport(ImagesListResponse image, ref int left) => new(
        image.ID,
        [.. (image.RepoTags ?? []).Where(tag => tag != "<none>:<none>")],
        [.. (image.RepoDigests ?? []).Where(digest => digest != "<none>@<none>")],
        image.Size,
        ContainerMapping.Utc(image.Created) ?? DateTime.UnixEpoch)
    {
        Labels = Labels(image.Labels, ref left),
        ParentId = image.ParentID ?? "",
    };

    private static NetworkReport ToNetwork(JsonElement network, ref int left) => new(
        Text(network, "Id"),
        Text(network, "Name"),
        Text(network, "Driver"),
        Text(network, "Scope") is { Length: > 0 } scope ? scope : "local",
        Member(network, "Internal").ValueKind == JsonValueKind.True,
        [.. Items(Member(Member(network, "IPAM"), "Config")).Select(config => Text(config, "Subnet")).Where(subnet => subnet.Length > 0)],
        Labels(Texts(Member(network, "Labels")), ref left),
        ContainerMapping.Utc(Text(network, "Created")) ?? DateTime.UnixEpoch)
    {
        Json = Document(network, ref left),
    };

    private static VolumeReport ToVolume(JsonElement volume, ref int left) => new(
        Text(volume, "Name"),
        Text(volume, "Driver") is { Length: > 0 } driver ? driver : "local",
        Text(volume, "Mountpoint"),
        Labels(Texts(Member(volume, "Labels")), ref left),
        ContainerMapping.Utc(Text(volume, "CreatedAt")) ?? DateTime.UnixEpoch)
    {
        Json = Document(volume, ref left),
    };

    /// <summary>The document as listed, without what changes with every container.</summary>
    private static string? Document(JsonElement element, ref int left)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in element.EnumerateObject().Where(member => member.Name != "Containers"))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        var text = Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        var weight = JsonText.Weigh(text);
        if (text.Length > LargestDocument || weight > left)
        {
            return null;
        }

        left -= weight;
        return text;
    }

    private static Dictionary<string, string> Labels(IEnumerable<KeyValuePair<string, string>>? labels, ref int left)
    {
        var cut = ContainerMapping.CutLabels(labels, Math.Min(left, LargestLabels));
        left -= cut.Sum(label => JsonText.Weigh(label.Key) + JsonText.Weigh(label.Value));
        return cut;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    private static JsonElement.ArrayEnumerator Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : default;

    private static IEnumerable<KeyValuePair<string, string>> Texts(JsonElement element) => element.ValueKind != JsonValueKind.Object
        ? []
        : element.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.String)
            .Select(member => KeyValuePair.Create(member.Name, member.Value.GetString()!));
}
