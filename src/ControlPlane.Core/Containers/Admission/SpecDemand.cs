using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>What a container takes from its node: reserved memory and CPU (the limit where nothing is reserved, 0 where neither is) and ports.</summary>
public sealed record SpecDemand(long MemoryBytes, long NanoCpus, IReadOnlyList<HostPort> HostPorts)
{
    /// <summary>Generic resources asked for, each name once.</summary>
    public IReadOnlyList<Scheduling.GenericResource> GenericResources { get; init; } = [];

    private const long NanosecondsPerCpu = 1_000_000_000;
    private const long DefaultCpuPeriod = 100_000;

    /// <summary>Reads the demand out of the engine form; the engine has no CPU reservation, so it comes beside it.</summary>
    public static SpecDemand Of(ContainerSpec spec, long? nanoCpusReservation = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var host = spec.HostConfig;
        return new SpecDemand(
            FirstSet(host?.MemoryReservation, host?.Memory),
            FirstSet(nanoCpusReservation, host?.NanoCpus, Quota(host)),
            Ports(spec));
    }

    private static long FirstSet(params ReadOnlySpan<long?> values)
    {
        foreach (var value in values)
        {
            if (value > 0)
            {
                return value.Value;
            }
        }

        return 0;
    }

    private static long? Quota(HostConfig? host)
    {
        var period = host?.CpuPeriod is > 0 ? host.CpuPeriod.Value : DefaultCpuPeriod;
        return host?.CpuQuota is > 0 ? (long)((Int128)host.CpuQuota.Value * NanosecondsPerCpu / period) : null;
    }

    // On the host's network what a container exposes is what it listens on (classic Swarm's port filter).
    private static List<HostPort> Ports(ContainerSpec spec)
    {
        if (spec.HostConfig?.NetworkMode == "host")
        {
            return [.. (spec.ExposedPorts?.Keys ?? []).Select(key => ContainerPort.TryParse(key, out var port) ? new HostPort(port.Number, port.Protocol, null) : null).OfType<HostPort>()];
        }

        var ports = new List<HostPort>();
        foreach (var (key, bindings) in spec.HostConfig?.PortBindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>())
        {
            if (!ContainerPort.TryParse(key, out var port))
            {
                continue;
            }

            // An empty host port and a range are chosen by the engine among what is free.
            foreach (var binding in bindings ?? [])
            {
                if (PortNumber.TryParse(binding.HostPort, out var number))
                {
                    ports.Add(new HostPort(number, port.Protocol, string.IsNullOrEmpty(binding.HostIp) ? null : binding.HostIp));
                }
            }
        }

        return ports;
    }
}
