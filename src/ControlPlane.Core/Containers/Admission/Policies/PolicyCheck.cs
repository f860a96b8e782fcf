using System.Globalization;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission.Policies;

/// <summary>
/// What the policies of a collection and of those above it have against a spec. Each holds by itself, so the strictest wins; what two say
/// alike is said once, in the name of the outermost. A largest value is a required limit, too: without one a container takes all there is.
/// </summary>
internal static class PolicyCheck
{
    private const string Memory = "HostConfig.Memory";
    private const string Pids = "HostConfig.PidsLimit";

    public static IReadOnlyList<AdmissionRefusal> Of(
        IReadOnlyList<(string Collection, CollectionPolicy Policy)> chain, ContainerSpec spec, IReadOnlyList<HostOption> options)
    {
        var refusals = new List<AdmissionRefusal>();
        foreach (var (collection, policy) in chain)
        {
            Add(refusals, collection, Images(policy, spec));
            Add(refusals, collection, Limits(policy, spec.HostConfig));
            Add(refusals, collection, Confinement(policy, spec));
            Add(refusals, collection, Options(policy, options));
        }

        return [.. refusals.DistinctBy(refusal => (refusal.Field, refusal.Message[..refusal.Message.IndexOf(" (policy of ", StringComparison.Ordinal)]))];
    }

    /// <summary>Options alone: for what is no container.</summary>
    public static IReadOnlyList<AdmissionRefusal> Of(IReadOnlyList<(string Collection, CollectionPolicy Policy)> chain, IReadOnlyList<HostOption> options)
    {
        var refusals = new List<AdmissionRefusal>();
        foreach (var (collection, policy) in chain)
        {
            Add(refusals, collection, Options(policy, options));
        }

        return [.. refusals.DistinctBy(refusal => (refusal.Field, refusal.Rule))];
    }

    private static void Add(List<AdmissionRefusal> refusals, string collection, IEnumerable<(string Field, string Rule, string Message)> broken) => refusals.AddRange(
        broken.Select(one => new AdmissionRefusal(one.Field, one.Rule, $"{one.Message} (policy of {collection}: {one.Rule}).", collection)));

    private static IEnumerable<(string Field, string Rule, string Message)> Images(CollectionPolicy policy, ContainerSpec spec)
    {
        var mounts = spec.HostConfig?.Mounts ?? [];
        var images = mounts.Select((mount, i) => (Field: $"HostConfig.Mounts[{i}].Source", Image: mount?.Source, Counts: mount?.Type == "image"))
            .Where(mount => mount.Counts).Select(mount => (mount.Field, mount.Image)).Prepend(("Image", spec.Image));
        foreach (var (field, image) in images)
        {
            var reference = RegistryRule.Unambiguous(image);
            if (policy.AllowedRegistries is { } allowed)
            {
                if (reference is null)
                {
                    yield return (field, "allowedRegistries", "may be the id of an image from anywhere; write it with registry and tag");
                }
                else if (!RegistryRule.Allows(allowed, reference))
                {
                    yield return (field, "allowedRegistries", $"comes from {reference.Domain}/{reference.Path}; allowed are {(allowed.Count == 0 ? "none" : string.Join(", ", allowed))}");
                }
            }

            if (policy.RequireDigest == true && reference?.Digest is null && !ImageReference.IsImageId(image))
            {
                yield return (field, "requireDigest", "must be named by digest, such as name@sha256:…");
            }
        }
    }

    private static IEnumerable<(string Field, string Rule, string Message)> Limits(CollectionPolicy policy, HostConfig? host)
    {
        var memory = host?.Memory ?? 0;
        if (policy.MaxMemoryBytes is { } mostMemory && (memory <= 0 || memory > mostMemory || host?.MemoryReservation > mostMemory))
        {
            yield return (Memory, "maxMemoryBytes", string.Create(CultureInfo.InvariantCulture, $"must be a limit of at most {mostMemory} bytes"));
        }
        else if (policy.RequireMemoryLimit == true && memory <= 0)
        {
            yield return (Memory, "requireMemoryLimit", "must be a limit in bytes");
        }

        var cpus = Cpus(host);
        var cpu = host?.NanoCpus is not > 0 && host?.CpuQuota is > 0 ? "HostConfig.CpuQuota" : "HostConfig.NanoCpus";
        if (policy.MaxNanoCpus is { } mostCpus && (cpus <= 0 || cpus > mostCpus))
        {
            yield return (cpu, "maxNanoCpus", string.Create(CultureInfo.InvariantCulture, $"must be a limit of at most {mostCpus} billionths of a CPU"));
        }
        else if (policy.RequireCpuLimit == true && cpus <= 0)
        {
            yield return (cpu, "requireCpuLimit", "must be a limit in billionths of a CPU");
        }

        if (policy.RequirePidsLimit == true && (host?.PidsLimit ?? 0) <= 0)
        {
            yield return (Pids, "requirePidsLimit", "must be a limit of processes");
        }
    }

    private static IEnumerable<(string Field, string Rule, string Message)> Confinement(CollectionPolicy policy, ContainerSpec spec)
    {
        if (policy.RequireNonRoot == true && !ContainerUser.IsSurelyNotRoot(spec.User))
        {
            yield return ("User", "requireNonRoot", "must be a number other than 0; what a name stands for, or who an image runs as, is not known here");
        }

        if (policy.RequireReadOnlyRootfs == true && spec.HostConfig?.ReadonlyRootfs != true)
        {
            yield return ("HostConfig.ReadonlyRootfs", "requireReadOnlyRootfs", "must be true");
        }

        foreach (var name in policy.ForbiddenCapabilities ?? [])
        {
            var capability = EffectiveCapabilities.Normal(name);
            if (EffectiveCapabilities.Source(spec.HostConfig, capability) is { } field)
            {
                yield return (field, "forbiddenCapabilities", field == "HostConfig.CapDrop" ? $"must drop {capability}, which the engine gives" : $"gives {capability}, which is forbidden");
            }
        }
    }

    private static IEnumerable<(string Field, string Rule, string Message)> Options(CollectionPolicy policy, IReadOnlyList<HostOption> options) => options
        .Where(option => policy.ForbiddenOptions?.Contains(option.Permission, StringComparer.Ordinal) == true)
        .Select(option => (option.Field, option.Permission, $"{option.Sentence}, which nobody may here"));

    /// <summary>Billionths of a CPU, from either way to say it.</summary>
    private static long Cpus(HostConfig? host)
    {
        if (host?.NanoCpus is > 0)
        {
            return host.NanoCpus.Value;
        }

        // The engine's period when none is given.
        const long Period = 100_000;
        return host?.CpuQuota is > 0 and var quota ? (long)((decimal)quota * 1_000_000_000 / (host.CpuPeriod is > 0 and var period ? period : Period)) : 0;
    }
}
