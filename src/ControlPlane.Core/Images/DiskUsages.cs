using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Images;

/// <summary>
/// Disk usage of the cluster (the engine's <c>system df</c>): the nodes' own figures one after the other, filtered by what the caller may
/// see. A node that does not answer in time is left out.
/// </summary>
public sealed class DiskUsages(ImageNodes nodes, ClusterState state, Authorizer authorizer, ObjectOwnership ownership, ITunnels tunnels, TimeProvider clock, IOptions<DeadlineOptions> deadlines)
{
    private const int LargestAnswer = 16 * 1024 * 1024;

    /// <summary>Kinds that can be asked for alone.</summary>
    public static readonly IReadOnlyList<string> Types = ["container", "image", "volume", "build-cache"];

    /// <param name="caller">Who asks.</param>
    /// <param name="types">Of <see cref="Types"/>; empty = all.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<Result<JsonObject>> GetAsync(Caller caller, IReadOnlyList<string> types, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(types);
        if (types.FirstOrDefault(type => !Types.Contains(type, StringComparer.Ordinal)) is { } unknown)
        {
            return new InvalidError("type", $"'{ImageNames.Shown(unknown)}' is none of {string.Join(", ", Types)}");
        }

        if (authorizer.CheckAnywhere(caller, Permission.NodesRead) is { } refused)
        {
            return refused;
        }

        var ready = nodes.With(caller).Where(node => node.State == NodeState.Ready).ToList();
        var answers = await Task.WhenAll(ready.Select(node => OfAsync(node, cancellationToken)));
        var all = new JsonObject { ["LayersSize"] = 0L, ["Images"] = new JsonArray(), ["Containers"] = new JsonArray(), ["Volumes"] = new JsonArray(), ["BuildCache"] = new JsonArray(), ["BuilderSize"] = 0L };
        var cluster = state.Current;
        var sight = new Dictionary<string, CollectionSight>(StringComparer.Ordinal);
        foreach (var (node, usage) in ready.Zip(answers).Where(pair => pair.Second is not null))
        {
            if (Wants("image") && Sees(Permission.ImagesRead, node.Collection))
            {
                all["LayersSize"] = all["LayersSize"]!.GetValue<long>() + Number(usage!, "LayersSize");
                Move(usage!, all, "Images", _ => true);
            }

            if (Wants("container"))
            {
                Move(usage!, all, "Containers", container => Text(container, "Id") is { } id && cluster.Container(id) is { } record && record.NodeId == node.Id && Named(container, node) && Sees(Permission.ContainersRead, record.Collection));
            }

            if (Wants("volume"))
            {
                var volumes = node.Volumes.ToDictionary(volume => volume.Name, StringComparer.Ordinal);
                Move(usage!, all, "Volumes", volume => Text(volume, "Name") is { } name && volumes.TryGetValue(name, out var known) && Sees(Permission.VolumesRead, ownership.CollectionOf(node, known)) && Placed(volume, node));
            }

            if (Wants("build-cache") && Sees(Permission.ImagesRead, node.Collection))
            {
                all["BuilderSize"] = all["BuilderSize"]!.GetValue<long>() + Number(usage!, "BuilderSize");
                Move(usage!, all, "BuildCache", _ => true);
            }
        }

        return all;

        bool Wants(string type) => types.Count == 0 || types.Contains(type, StringComparer.Ordinal);

        bool Sees(string permission, string collection) =>
            (sight.TryGetValue(permission, out var known) ? known : sight[permission] = new CollectionSight(authorizer, caller, permission)).Of(collection);
    }

    private static void Move(JsonObject from, JsonObject to, string list, Func<JsonObject, bool> which)
    {
        foreach (var item in (from[list] as JsonArray ?? []).OfType<JsonObject>().Where(which).ToList())
        {
            item.Parent!.AsArray().Remove(item);
            to[list]!.AsArray().Add(item);
        }
    }

    /// <summary>As in lists: <c>/node/name</c>.</summary>
    private static bool Named(JsonObject container, NodeRecord node)
    {
        if (container["Names"] is JsonArray names)
        {
            container["Names"] = new JsonArray([.. names.OfType<JsonValue>().Select(name => (JsonNode)$"/{node.Name}/{name.ToString().TrimStart('/')}")]);
        }

        return true;
    }

    /// <summary>As in lists: <c>node/name</c> for what is on one node only.</summary>
    private static bool Placed(JsonObject volume, NodeRecord node)
    {
        if (Text(volume, "Driver") == "local" && Text(volume, "Name") is { } name)
        {
            volume["Name"] = $"{node.Name}/{name}";
        }

        return true;
    }

    private static long Number(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;

    private static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private async Task<JsonObject?> OfAsync(NodeRecord node, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(deadlines.Value.DiskUsageSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var opened = await tunnels.OpenAsync(node.Id, new DiskUsage(), either.Token);
            if (!opened.IsSuccess)
            {
                return null;
            }

            await using var reply = opened.Value;
            return reply.Head.Status == 200 ? await ReadAsync(reply.Body, either.Token) : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<JsonObject?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var piece = new byte[32 * 1024];
        int read;
        while ((read = await body.ReadAsync(piece, cancellationToken)) > 0)
        {
            if (whole.Length + read > LargestAnswer)
            {
                return null;
            }

            whole.Write(piece, 0, read);
        }

        whole.Position = 0;
        return JsonNode.Parse(whole, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
    }
}
