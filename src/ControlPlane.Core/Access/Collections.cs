namespace ControlPlane.Core.Access;

/// <summary>Well-known collections: paths that group what grants are given on.</summary>
public static class Collections
{
    public const string Root = "/";

    /// <summary>Where things go when nobody says otherwise; nodes join it.</summary>
    public const string Shared = "/Shared";

    /// <summary>Containers made directly on an engine.</summary>
    public const string Unmanaged = "/Unmanaged";

    /// <summary>The control plane itself: accounts, settings, audit.</summary>
    public const string System = "/System";

    public static IReadOnlyList<string> BuiltIn { get; } = [Root, Shared, System, Unmanaged];
}
