using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Containers.Admission.Policies;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>
/// The one admission over the final engine form, whatever door a spec came by: rights to what it uses, rights to what of it reaches the
/// host, policies of the collection, reserved labels. Whoever asks has checked the right to the operation itself.
/// </summary>
public sealed class AdmissionCheck(Authorizer authorizer, AccessStore access, CollectionChoice collections, SharedContainers shared, ObjectUse objects)
{
    private const string EndpointsField = "NetworkingConfig.EndpointsConfig";

    /// <summary>Everything against a new container; nothing when it is admitted.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="collection">Where it is to be.</param>
    /// <param name="spec">As the client meant it: with all its networks, without labels of ours.</param>
    /// <param name="mayPull">The image is pulled where it is missing.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task<IReadOnlyList<AdmissionRefusal>> CreateAsync(
        Caller caller, string collection, ContainerSpec spec, bool mayPull, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var refusals = new List<AdmissionRefusal>();
        collections.Check(refusals, collection);
        ReservedLabels.Check(refusals, "Labels", spec.Labels, preset: true);
        Uses(refusals, caller, collection, spec, mayPull);
        refusals.AddRange(objects.Check(caller, spec));
        var borrowed = await shared.CheckAsync(refusals, caller, ContainerReference.Of(spec), cancellationToken);
        HostOption[] options = [.. HostOptions.Of(spec), .. borrowed];
        Rights(refusals, caller, collection, options);
        refusals.AddRange(PolicyCheck.Of(PolicyChain.Of(access.Current, collection), spec, options));
        return refusals;
    }

    /// <summary>
    /// Everything against a change. The spec it results in is checked; what the change does not touch was admitted when it came, and
    /// is not held against it.
    /// </summary>
    public IReadOnlyList<AdmissionRefusal> Update(Caller caller, string collection, ContainerSpec before, UpdateSpec change)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(change);
        var after = SpecChange.Apply(before, change);
        var options = HostOptions.Of(after);
        var refusals = new List<AdmissionRefusal>();
        Rights(refusals, caller, collection, options);
        refusals.AddRange(PolicyCheck.Of(PolicyChain.Of(access.Current, collection), after, options));
        var touched = SpecChange.Touched(change);
        return [.. refusals.Where(refusal => touched.Any(field => refusal.Field == field || refusal.Field.StartsWith(field + "[", StringComparison.Ordinal)))];
    }

    /// <summary>Everything against options of something that is no container.</summary>
    public IReadOnlyList<AdmissionRefusal> Options(Caller caller, string collection, IReadOnlyList<HostOption> options)
    {
        var refusals = new List<AdmissionRefusal>();
        Rights(refusals, caller, collection, options);
        refusals.AddRange(PolicyCheck.Of(PolicyChain.Of(access.Current, collection), options));
        return refusals;
    }

    /// <summary>Everything against a command in a container: its options, and root where the policy wants no root.</summary>
    public IReadOnlyList<AdmissionRefusal> Exec(Caller caller, string collection, IReadOnlyList<HostOption> options)
    {
        var noRoot = PolicyChain.Of(access.Current, collection).FirstOrDefault(link => link.Policy.RequireNonRoot == true).Collection;
        return
        [
            .. Options(caller, collection, options),
            .. options.Where(option => noRoot is not null && option.Permission == Permission.HostExecAsRoot).Select(option => new AdmissionRefusal(
                option.Field, "requireNonRoot", $"{option.Sentence}, which nobody may here (policy of {noRoot}: requireNonRoot).", noRoot)),
        ];
    }

    /// <summary>Everything against something new that is no container, with its labels.</summary>
    public IReadOnlyList<AdmissionRefusal> New(Caller caller, string collection, IReadOnlyDictionary<string, string>? labels, IReadOnlyList<HostOption> options)
    {
        var refusals = new List<AdmissionRefusal>();
        collections.Check(refusals, collection);
        ReservedLabels.Check(refusals, "Labels", labels, preset: true);
        refusals.AddRange(Options(caller, collection, options));
        return refusals;
    }

    private void Rights(List<AdmissionRefusal> refusals, Caller caller, string collection, IReadOnlyList<HostOption> options)
    {
        foreach (var option in options)
        {
            if (authorizer.Check(caller, option.Permission, collection) is not null)
            {
                refusals.Add(new AdmissionRefusal(option.Field, option.Permission, $"{option.Sentence}: that needs the right {option.Permission} on {collection}."));
            }
        }
    }

    private void Uses(List<AdmissionRefusal> refusals, Caller caller, string collection, ContainerSpec spec, bool mayPull)
    {
        var host = spec.HostConfig;
        if (mayPull && !ImageReference.IsImageId(spec.Image))
        {
            Need(refusals, caller, collection, "Image", Permission.ImagesPull, "is pulled where it is missing");
        }

        for (var i = 0; i < (host?.Binds?.Count ?? 0); i++)
        {
            if (MountReach.VolumeOf(host!.Binds![i]) is not null)
            {
                Need(refusals, caller, collection, $"HostConfig.Binds[{i}]", Permission.VolumesUse, "mounts a volume");
            }
        }

        for (var i = 0; i < (host?.Mounts?.Count ?? 0); i++)
        {
            if (host!.Mounts![i] is { Type: "volume", Source.Length: > 0 })
            {
                Need(refusals, caller, collection, $"HostConfig.Mounts[{i}].Source", Permission.VolumesUse, "mounts a volume");
            }

            ReservedLabels.Check(refusals, $"HostConfig.Mounts[{i}].VolumeOptions.Labels", host.Mounts[i]?.VolumeOptions?.Labels, preset: false);
        }

        var endpoints = spec.NetworkingConfig?.EndpointsConfig;
        foreach (var network in endpoints?.Keys.Where(IsNamed) ?? [])
        {
            Need(refusals, caller, collection, FieldErrors.Key(EndpointsField, network), Permission.NetworksConnect, $"joins the network {network}");
        }

        if (host?.NetworkMode is { } mode && IsNamed(mode) && !NamespaceReach.IsContainer(mode) && endpoints?.ContainsKey(mode) != true)
        {
            Need(refusals, caller, collection, "HostConfig.NetworkMode", Permission.NetworksConnect, $"joins the network {mode}");
        }
    }

    private void Need(List<AdmissionRefusal> refusals, Caller caller, string collection, string field, string permission, string what)
    {
        if (authorizer.Check(caller, permission, collection) is not null)
        {
            refusals.Add(new AdmissionRefusal(field, permission, $"{what}: that needs the right {permission} on {collection}."));
        }
    }

    private static bool IsNamed(string network) => !SpecDependencies.IsBuiltIn(network);
}
