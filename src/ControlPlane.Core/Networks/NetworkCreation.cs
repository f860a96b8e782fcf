using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Networks;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Networks;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Networks;

/// <summary>A network that was made.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="FullName">Unique in the cluster.</param>
/// <param name="Node">Name of its node.</param>
/// <param name="Collection">Where it belongs.</param>
/// <param name="Warning">The engine's; may be empty.</param>
public sealed record NetworkCreated(string Id, string FullName, string Node, string Collection, string Warning);

/// <summary>
/// Makes networks: <c>node/name</c> on that node, a bare name on the node with the fewest containers among those the labels allow. Containers
/// that name the network follow it. Names of networks made through us are unique in the cluster.
/// </summary>
public sealed class NetworkCreation(
    NetworkAdmission admission, NetworkQueries queries, AccessGate gate, ObjectNodes nodes, ObjectOwnership ownership, ClusterState state, NodeLinks links, AuditTrail audit, IOptions<DeadlineOptions> deadlines)
{
    private const int LongestName = 255;

    private readonly ConcurrentDictionary<string, bool> _making = new(StringComparer.Ordinal);

    /// <summary>For those who do not speak the engine's form: REST and the dashboard.</summary>
    public Task<Result<NetworkCreated>> CreateAsync(Caller caller, NetworkCreateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CreateAsync(caller, Spec(request), request.Collection, AdmissionForm.Rest, cancellationToken);
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="spec">The engine's form; the name may be <c>node/name</c>.</param>
    /// <param name="collection">Where it is to belong; null = the caller's default.</param>
    /// <param name="form">In whose names fields are called.</param>
    /// <param name="cancellationToken">Nobody waits any more; what has begun is finished.</param>
    public async Task<Result<NetworkCreated>> CreateAsync(Caller caller, NetworkSpec spec, string? collection, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(spec);
        var (nodeName, name) = ObjectNodes.Split(spec.Name ?? "");
        if (!IsName(name))
        {
            return new InvalidError(form == AdmissionForm.Engine ? "Name" : "name", "must be 1 to 255 letters, digits, '_', '.', '-', beginning with a letter or digit; 'node/name' names the node, too");
        }

        spec = spec with { Name = name, CheckDuplicate = true, Driver = spec.Driver is null or "" ? "bridge" : spec.Driver };
        var admitted = await admission.CheckAsync(caller, collection, spec, form, cancellationToken);
        if (!admitted.IsSuccess)
        {
            return admitted.Error;
        }

        var target = new AuditObject(OwnedKind.Network, "", spec.Name);
        if (SpecDependencies.IsBuiltIn(name) || !_making.TryAdd(name, true))
        {
            return Taken(name);
        }

        try
        {
            if (queries.IsTaken(caller, name))
            {
                return Taken(name);
            }

            var node = Choose(caller, nodeName, spec.Labels);
            return node.IsSuccess
                ? await MakeAsync(caller, node.Value, spec, admitted.Value)
                : await gate.RefuseAsync(caller, Permission.NetworksCreate, target, node.Error, cancellationToken);
        }
        finally
        {
            _making.TryRemove(name, out _);
        }
    }

    private Result<NodeRecord> Choose(Caller caller, string? nodeName, IReadOnlyDictionary<string, string>? labels) => nodeName is not null
        ? nodes.Named(caller, nodeName)
        : nodes.Open(caller, labels).Map(open => open.MinBy(node => node.Containers)!);

    private async Task<Result<NetworkCreated>> MakeAsync(Caller caller, NodeRecord node, NetworkSpec spec, string collection)
    {
        using var claim = ownership.Claim(node.Id, OwnedKind.Network, spec.Name!, collection, caller.Name);
        if (claim is null)
        {
            return Taken(spec.Name!);
        }

        var target = new AuditObject(OwnedKind.Network, "", $"{node.Name}/{spec.Name}");
        var details = AuditDetails.Asked(new { spec.Driver, spec.Internal, spec.IPAM, spec.Options, spec.Labels, Collection = collection });
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var command = new CreateNetwork
        {
            Id = $"network-{id}",
            DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds,
            SpecJson = JsonSerializer.Serialize(spec with { Labels = OwnerLabels.On(spec.Labels, collection, caller.Name, id) }, EngineJson.Default.NetworkSpec),
        };
        var result = await links.RunAsync(node.Id, command, null, CancellationToken.None);
        var error = CommandErrors.Of(result, node.Name);
        var (engineId, warning) = Read(result.Body);
        if (error is null && engineId is { Length: 0 or > 64 })
        {
            error = new EngineError("engine.refused", $"{node.Name}: the engine did not say which network it made.", 502);
        }

        if (error is not null)
        {
            await audit.RecordAsync(caller, Permission.NetworksCreate, target, AuditTrail.Failed, error.Message, details, CancellationToken.None);
            return error;
        }

        // Before the claim ends. The node's list came before its result, so it is known whether the network reaches over nodes.
        var report = state.Current.Node(node.Id)?.Networks.FirstOrDefault(network => network.Id == engineId);
        var place = report is null ? node.Id : ObjectOwnership.PlaceOf(node.Id, report);
        var owned = ownership.New(place, new OwnedKey(OwnedKind.Network, engineId), collection, caller.Name);
        await ownership.AddAsync(
            [owned], db => audit.Add(db, caller, Permission.NetworksCreate, target with { Id = engineId }, detail: $"on {node.Name}, in {collection}", details: details));
        return new NetworkCreated(engineId, place.Length == 0 ? spec.Name! : $"{node.Name}/{spec.Name}", node.Name, collection, warning);
    }

    private static (string Id, string Warning) Read(string? body)
    {
        try
        {
            using var json = JsonDocument.Parse(body ?? "null");
            return (Text(json.RootElement, "Id"), Text(json.RootElement, "Warning"));
        }
        catch (JsonException)
        {
            return ("", "");
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static ConflictError Taken(string name) => new("network.name_taken", $"network with name {name} already exists");

    private static NetworkSpec Spec(NetworkCreateRequest asked) => new()
    {
        Name = asked.Name,
        Driver = asked.Driver,
        Internal = asked.Internal,
        Attachable = asked.Attachable,
        EnableIPv6 = asked.EnableIpv6,
        IPAM = asked.Ranges is null
            ? null
            : new NetworkIpam { Config = [.. asked.Ranges.Select(range => new NetworkRange { Subnet = range.Subnet, IPRange = range.IpRange, Gateway = range.Gateway })] },
        Options = asked.Options,
        Labels = asked.Labels,
    };
}
