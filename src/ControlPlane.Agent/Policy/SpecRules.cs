using System.Text.Json;

namespace ControlPlane.Agent.Policy;

/// <summary>The owner's rules against one spec. The keys were checked before, so exact names are the only ones.</summary>
internal sealed class SpecRules(PolicyRules rules)
{
    private static readonly string[] NamespaceModes = ["NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode", "Cgroup"];

    private readonly VolumeRules _volumes = new(rules);

    public string? Check(JsonElement spec)
    {
        // An update carries its limits at the top; a create has them in HostConfig. Both places are judged.
        var host = spec.TryGetProperty("HostConfig", out var found) && found.ValueKind == JsonValueKind.Object ? found : spec;
        return CheckPrivileged(host) ?? CheckNamespaces(host) ?? CheckBinds(host);
    }

    private string? CheckPrivileged(JsonElement host) =>
        rules.NoPrivileged && host.TryGetProperty("Privileged", out var value) && value.ValueKind != JsonValueKind.False && value.ValueKind != JsonValueKind.Null
            ? "The policy of this host forbids privileged containers."
            : null;

    private string? CheckNamespaces(JsonElement host)
    {
        if (!rules.NoHostNamespaces)
        {
            return null;
        }

        foreach (var mode in NamespaceModes)
        {
            if (Text(host, mode) is { } value && (value == "host" || value.StartsWith("container:", StringComparison.Ordinal)))
            {
                return $"The policy of this host forbids {mode} '{value}'.";
            }
        }

        return null;
    }

    private string? CheckBinds(JsonElement host)
    {
        if (rules.BindMountsBelow is null)
        {
            return null;
        }

        foreach (var bind in Items(host, "Binds"))
        {
            var source = bind.ValueKind == JsonValueKind.String ? bind.GetString()!.Split(':')[0] : "?";
            if ((source.Contains('/', StringComparison.Ordinal) || source == "?") && !_volumes.IsAllowed(source))
            {
                return _volumes.Refusal(source);
            }
        }

        foreach (var mount in Items(host, "Mounts"))
        {
            if (CheckMount(mount) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private string? CheckMount(JsonElement mount)
    {
        if (mount.ValueKind != JsonValueKind.Object)
        {
            return "The container spec has a mount that is not an object.";
        }

        if (Text(mount, "Type") is not ("volume" or "tmpfs") && !_volumes.IsAllowed(Text(mount, "Source") ?? "?"))
        {
            return _volumes.Refusal(Text(mount, "Source") ?? "?");
        }

        // A volume whose driver options name a device is a bind mount in disguise.
        if (mount.TryGetProperty("VolumeOptions", out var volume) && volume.ValueKind == JsonValueKind.Object
            && volume.TryGetProperty("DriverConfig", out var driver) && driver.ValueKind == JsonValueKind.Object
            && driver.TryGetProperty("Options", out var options) && options.ValueKind == JsonValueKind.Object)
        {
            var given = options.EnumerateObject().Where(option => option.Value.ValueKind == JsonValueKind.String)
                .Select(option => KeyValuePair.Create(option.Name, option.Value.GetString()!));
            return _volumes.Check(Text(driver, "Name"), given);
        }

        return null;
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default;

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
