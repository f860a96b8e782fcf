using System.Globalization;
using System.Text.Json;
using ControlPlane.Engine.Images;

namespace ControlPlane.Core.Images;

/// <summary>A build's parameters as the engine takes them, written from what was read and admitted.</summary>
internal static class BuildQuery
{
    public static IReadOnlyList<KeyValuePair<string, string>> Write(BuildSpec spec, IReadOnlyList<string> bareArguments)
    {
        var query = new List<KeyValuePair<string, string>>();
        foreach (var name in spec.T ?? [])
        {
            Add("t", name);
        }

        Add("dockerfile", spec.Dockerfile);
        foreach (var host in spec.ExtraHosts ?? [])
        {
            Add("extrahosts", host);
        }

        Flag("q", spec.Q);
        Flag("nocache", spec.NoCache);
        Flag("pull", spec.Pull);
        Flag("rm", spec.Rm);
        Flag("forcerm", spec.ForceRm);
        Flag("squash", spec.Squash);
        Number("memory", spec.Memory);
        Number("memswap", spec.MemSwap);
        Number("cpushares", spec.CpuShares);
        Number("cpuperiod", spec.CpuPeriod);
        Number("cpuquota", spec.CpuQuota);
        Number("shmsize", spec.ShmSize);
        Add("cpusetcpus", spec.CpuSetCpus);
        Add("cpusetmems", spec.CpuSetMems);
        Add("networkmode", spec.NetworkMode);
        Add("platform", spec.Platform);
        Add("target", spec.Target);
        Add("cgroupparent", spec.CgroupParent);
        Add("isolation", spec.Isolation);
        foreach (var option in spec.SecurityOpt ?? [])
        {
            Add("securityopt", option);
        }

        if (spec.BuildArgs is { Count: > 0 } || bareArguments.Count > 0)
        {
            var arguments = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var (name, value) in spec.BuildArgs ?? new Dictionary<string, string>(0))
            {
                arguments[name] = value;
            }

            foreach (var name in bareArguments)
            {
                arguments[name] = null;
            }

            Add("buildargs", JsonSerializer.Serialize(arguments));
        }

        if (spec.Labels is { Count: > 0 } labels)
        {
            Add("labels", JsonSerializer.Serialize(labels));
        }

        if (spec.CacheFrom is { Count: > 0 } cache)
        {
            Add("cachefrom", JsonSerializer.Serialize(cache));
        }

        if (spec.Ulimits is { Count: > 0 } limits)
        {
            Add("ulimits", JsonSerializer.Serialize(limits.Select(limit => new { limit.Name, limit.Hard, limit.Soft })));
        }

        return query;

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
            {
                query.Add(KeyValuePair.Create(name, value));
            }
        }

        void Flag(string name, bool? value) => Add(name, value is { } flag ? flag ? "1" : "0" : null);

        void Number(string name, long? value) => Add(name, value is { } number and not 0 ? number.ToString(CultureInfo.InvariantCulture) : null);
    }
}
