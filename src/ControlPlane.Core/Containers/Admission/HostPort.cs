namespace ControlPlane.Core.Containers.Admission;

/// <summary>A port of a node that a container takes for itself. No address means every address.</summary>
public sealed record HostPort(int Port, string Protocol, string? Address)
{
    /// <summary>True when two containers of one node cannot have both.</summary>
    public bool Overlaps(HostPort other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Port == other.Port && Protocol == other.Protocol
            && (Address == other.Address || Covers(Address, other.Address) || Covers(other.Address, Address));
    }

    private static bool Covers(string? address, string? other) => address switch
    {
        null => true,
        "0.0.0.0" => other is not null && !other.Contains(':', StringComparison.Ordinal),
        "::" => other is not null && other.Contains(':', StringComparison.Ordinal),
        _ => false,
    };
}
