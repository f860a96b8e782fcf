using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Objects;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>
/// Named networks and volumes that belong to a collection: whoever uses them needs the right there, whatever node the container goes to.
/// What was made directly on an engine belongs to its node, and whoever may run containers there may use it, as before.
/// </summary>
public sealed class ObjectUse(ClusterState state, ObjectOwnership ownership, Authorizer authorizer)
{
    private const string EndpointsField = "NetworkingConfig.EndpointsConfig";

    internal IEnumerable<AdmissionRefusal> Check(Caller caller, ContainerSpec spec)
    {
        foreach (var (field, name) in Volumes(spec.HostConfig))
        {
            var owned = ownership.All(new OwnedKey(OwnedKind.Volume, name));
            if (Refusal(caller, field, $"mounts the volume {name}", Permission.VolumesUse, owned) is { } refusal)
            {
                yield return refusal;
            }
        }

        foreach (var (field, name) in Networks(spec))
        {
            var owned = Nodes(name, node => node.Contents.Networks).Concat(Nodes(name, node => node.SharedNetworks))
                .SelectMany(node => node.Networks.Where(network => network.Name == name || network.Id == name).Select(network => ownership.Of(node, network)));
            if (Refusal(caller, field, $"joins the network {name}", Permission.NetworksConnect, owned) is { } refusal)
            {
                yield return refusal;
            }
        }
    }

    private IEnumerable<NodeRecord> Nodes(string name, Func<NodeRecord, IReadOnlySet<string>> of) => state.Current.Nodes.Values.Where(node => of(node).Contains(name));

    /// <summary>The collection is not said: who may not use what is there need not know where it is.</summary>
    private AdmissionRefusal? Refusal(Caller caller, string field, string what, string permission, IEnumerable<OwnedObject?> owned) =>
        owned.OfType<OwnedObject>().Any(one => authorizer.Check(caller, permission, one.Collection) is not null)
            ? new AdmissionRefusal(field, permission, $"{what}, which belongs to another collection: that needs the right {permission} there.")
            : null;

    private static IEnumerable<(string Field, string Name)> Volumes(HostConfig? host)
    {
        for (var i = 0; i < (host?.Binds?.Count ?? 0); i++)
        {
            if (MountReach.VolumeOf(host!.Binds![i]) is { } name)
            {
                yield return ($"HostConfig.Binds[{i}]", name);
            }
        }

        for (var i = 0; i < (host?.Mounts?.Count ?? 0); i++)
        {
            if (host!.Mounts![i] is { Type: "volume", Source: { Length: > 0 } source })
            {
                yield return ($"HostConfig.Mounts[{i}].Source", source);
            }
        }
    }

    private static IEnumerable<(string Field, string Name)> Networks(ContainerSpec spec)
    {
        var endpoints = spec.NetworkingConfig?.EndpointsConfig;
        foreach (var network in endpoints?.Keys ?? [])
        {
            yield return (FieldErrors.Key(EndpointsField, network), network);
        }

        if (spec.HostConfig?.NetworkMode is { } mode && !NamespaceReach.IsContainer(mode) && endpoints?.ContainsKey(mode) != true)
        {
            yield return ("HostConfig.NetworkMode", mode);
        }
    }
}
