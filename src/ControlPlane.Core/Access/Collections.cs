namespace ControlPlane.Core.Access;

/// <summary>Well-known collections: paths that group what grants are given on.</summary>
public static class Collections
{
    public const string Root = "/";
    public const string Shared = "/Shared";

    /// <summary>Containers made directly on an engine.</summary>
    public const string Unmanaged = "/Unmanaged";
    public const string System = "/System";
}
