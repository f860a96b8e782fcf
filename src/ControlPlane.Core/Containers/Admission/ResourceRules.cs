using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Limits, reservations, ulimits and restart policies.</summary>
internal static class ResourceRules
{
    // Less than a hundredth of a CPU is below what the kernel's scheduler can give.
    private const long MinNanoCpus = 10_000_000;
    private const long MaxNanoCpus = 65_536L * 1_000_000_000;
    private const long MaxPids = 4_194_304; // PID_MAX_LIMIT of 64-bit Linux
    private const int MaxRetryCount = 1_000_000;

    public static void Limits(FieldErrors errors, ResourcesRequest resources)
    {
        const string Field = "resources.";
        Memory(errors, Field, resources.MemoryBytes, resources.MemoryReservationBytes);
        Cpus(errors, Field + "nanoCpus", resources.NanoCpus);
        Cpus(errors, Field + "nanoCpusReservation", resources.NanoCpusReservation);
        errors.Require(
            resources.NanoCpus is null or 0 || resources.NanoCpusReservation is null || resources.NanoCpusReservation <= resources.NanoCpus,
            Field + "nanoCpusReservation",
            "must not be more than nanoCpus");
        errors.Require(resources.CpuShares is null or 0 or (>= 2 and <= 262_144), Field + "cpuShares", "must be 2 to 262144, or 0 for the default");
        Pids(errors, Field + "pidsLimit", resources.PidsLimit);
    }

    /// <summary>Generic resources by name; in order of their names.</summary>
    public static IReadOnlyList<Scheduling.GenericResource> Generic(FieldErrors errors, string field, IReadOnlyDictionary<string, long>? counts)
    {
        if (counts is not { Count: > 0 } || !errors.Require(counts.Count <= GenericCounts.MaxNames, field, GenericCounts.TooMany))
        {
            return [];
        }

        foreach (var (name, count) in counts)
        {
            if (GenericCounts.Problem(name, count) is { } problem)
            {
                errors.Add(FieldErrors.Key(field, name), problem);
            }
        }

        return [.. counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Scheduling.GenericResource(pair.Key, pair.Value))];
    }

    public static void Memory(FieldErrors errors, string prefix, long? limit, long? reservation)
    {
        const string Range = "must be 6291456 (6 MiB) to 1125899906842624 (1 PiB) bytes, or 0 for none";
        errors.Require(IsMemory(limit), prefix + "memoryBytes", Range);
        errors.Require(IsMemory(reservation), prefix + "memoryReservationBytes", Range);
        errors.Require(limit is null or 0 || reservation is null || reservation <= limit, prefix + "memoryReservationBytes", "must not be more than memoryBytes");
    }

    public static void Cpus(FieldErrors errors, string field, long? nanoCpus) => errors.Require(
        nanoCpus is null or 0 or (>= MinNanoCpus and <= MaxNanoCpus),
        field,
        "must be 10000000 (0.01 CPU) to 65536000000000, or 0 for none");

    public static void Pids(FieldErrors errors, string field, long? limit) =>
        errors.Require(limit is null or (>= -1 and <= MaxPids), field, "must be 1 to 4194304, or 0 or -1 for no limit");

    public static RestartPolicy? Restart(FieldErrors errors, RestartPolicyRequest? policy)
    {
        if (policy is null)
        {
            return null;
        }

        if (policy.Name is null)
        {
            errors.Add("restartPolicy.name", "is required");
            return null;
        }

        errors.Require(RestartPolicyName.IsValid(policy.Name), "restartPolicy.name", "must be 'no', 'always', 'unless-stopped' or 'on-failure'");
        if (errors.Require(policy.MaximumRetryCount is null or (>= 0 and <= MaxRetryCount), "restartPolicy.maximumRetryCount", "must be 0 to 1000000"))
        {
            errors.Require(
                policy.MaximumRetryCount is null or 0 || policy.Name == RestartPolicyName.OnFailure,
                "restartPolicy.maximumRetryCount",
                "is only for 'on-failure'");
        }

        return new RestartPolicy { Name = policy.Name, MaximumRetryCount = policy.MaximumRetryCount };
    }

    public static IReadOnlyList<Ulimit>? Ulimits(FieldErrors errors, IReadOnlyList<UlimitRequest>? ulimits)
    {
        if (ulimits is not { Count: > 0 } || !errors.Require(ulimits.Count <= 64, "ulimits", "must not have more than 64 entries"))
        {
            return null;
        }

        var admitted = new List<Ulimit>(ulimits.Count);
        for (var i = 0; i < ulimits.Count; i++)
        {
            var field = $"ulimits[{i}]";
            var ulimit = ulimits[i];
            if (!errors.Require(ulimit is not null, field, "must not be null"))
            {
                continue;
            }

            errors.Require(UlimitName.IsValid(ulimit!.Name), field + ".name", ulimit.Name is null ? "is required" : "must be a limit of Linux, such as 'nofile'");
            errors.Require(ulimit.Name is null || !admitted.Exists(u => u.Name == ulimit.Name), field + ".name", "is given more than once");
            var hard = ulimit.Hard ?? ulimit.Soft;
            errors.Require(ulimit.Soft is not null, field + ".soft", "is required");
            errors.Require(ulimit.Soft is null or >= -1, field + ".soft", "must be 0 or more, or -1 for unlimited");
            errors.Require(ulimit.Hard is null or >= -1, field + ".hard", "must be 0 or more, or -1 for unlimited");
            errors.Require(hard is null or -1 || (ulimit.Soft != -1 && ulimit.Soft <= hard), field + ".soft", "must not be more than hard");
            admitted.Add(new Ulimit { Name = ulimit.Name, Soft = ulimit.Soft, Hard = hard });
        }

        return admitted;
    }

    private static bool IsMemory(long? bytes) => bytes is null or 0 or (>= MemorySize.Minimum and <= MemorySize.Maximum);
}
