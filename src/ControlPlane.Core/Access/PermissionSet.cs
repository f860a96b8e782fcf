namespace ControlPlane.Core.Access;

/// <summary>A set of rights as bits: union and test without allocation. At most 128 rights.</summary>
public readonly record struct PermissionSet
{
    private readonly UInt128 _bits;

    private PermissionSet(UInt128 bits) => _bits = bits;

    public static PermissionSet None => default;

    /// <summary>Also those that have no name yet.</summary>
    public static PermissionSet All { get; } = new(UInt128.MaxValue);

    public bool IsEmpty => _bits == UInt128.Zero;

    /// <summary>Names that are no rights are left out.</summary>
    public static PermissionSet Of(IEnumerable<string> permissions)
    {
        ArgumentNullException.ThrowIfNull(permissions);
        var bits = UInt128.Zero;
        foreach (var permission in permissions)
        {
            if (PermissionCatalog.IndexOf(permission) is >= 0 and var index)
            {
                bits |= UInt128.One << index;
            }
        }

        return new PermissionSet(bits);
    }

    public bool Has(string permission) => PermissionCatalog.IndexOf(permission) is >= 0 and var index && (_bits >> index & UInt128.One) != UInt128.Zero;

    /// <summary>Are all of <paramref name="other"/> in this set?</summary>
    public bool Covers(PermissionSet other) => (other._bits & ~_bits) == UInt128.Zero;

    public IReadOnlyList<string> Names()
    {
        var set = this;
        return [.. PermissionCatalog.All.Select(permission => permission.Name).Where(set.Has)];
    }

    public static PermissionSet operator |(PermissionSet left, PermissionSet right) => new(left._bits | right._bits);

    public static PermissionSet operator &(PermissionSet left, PermissionSet right) => new(left._bits & right._bits);

    /// <summary>Those of <paramref name="left"/> that are not in <paramref name="right"/>.</summary>
    public static PermissionSet operator -(PermissionSet left, PermissionSet right) => new(left._bits & ~right._bits);
}
