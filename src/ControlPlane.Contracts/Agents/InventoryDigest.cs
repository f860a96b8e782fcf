using System.Text;

namespace ControlPlane.Contracts.Agents;

/// <summary>
/// An order-free digest over the containers of a node: the sum (modulo 2^64) of one hash each, so that both ends
/// keep it up to date by subtracting the old and adding the new. It detects drift, it is not a defence.
/// </summary>
public static class InventoryDigest
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>The part of one container.</summary>
    /// <param name="container">The container as reported.</param>
    /// <returns>Its hash over id, name, state, health, exit code, restart count and the times of the last run.</returns>
    public static ulong Of(ContainerReport container)
    {
        var hash = FnvOffset;
        hash = Add(hash, container.EngineId);
        hash = Add(hash, container.Name);
        hash = Add(hash, container.State);
        hash = Add(hash, container.Health ?? "-");
        hash = Add(hash, (ulong)container.ExitCode);
        hash = Add(hash, (ulong)container.RestartCount);
        hash = Add(hash, Milliseconds(container.StartedAt));
        hash = Add(hash, Milliseconds(container.FinishedAt));
        hash = Add(hash, (ulong)container.MemoryBytes);
        hash = Add(hash, (ulong)container.NanoCpus);
        // A final mix: a plain sum of FNV values would let two small differences cancel out.
        hash ^= hash >> 32;
        return hash * 0x9E3779B97F4A7C15;
    }

    private static ulong Milliseconds(DateTime? time) => time is { } at ? (ulong)(at.Ticks / TimeSpan.TicksPerMillisecond) : 0;

    private static ulong Add(ulong hash, string text)
    {
        Span<byte> buffer = stackalloc byte[512];
        var bytes = text.Length <= 160 ? buffer[..Encoding.UTF8.GetBytes(text, buffer)] : Encoding.UTF8.GetBytes(text);
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * FnvPrime;
        }

        return (hash ^ 0xFF) * FnvPrime;
    }

    private static ulong Add(ulong hash, ulong value)
    {
        for (var shift = 0; shift < 64; shift += 8)
        {
            hash = (hash ^ ((value >> shift) & 0xFF)) * FnvPrime;
        }

        return hash;
    }
}
