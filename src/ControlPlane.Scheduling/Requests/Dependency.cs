namespace ControlPlane.Scheduling;

/// <summary>Why something has to be on the same node.</summary>
public enum DependencyKind
{
    /// <summary>A container whose volumes are used (<c>--volumes-from</c>).</summary>
    VolumesFrom,

    /// <summary>A linked container (<c>--link</c>).</summary>
    Link,

    /// <summary>A container whose network, pid or ipc namespace is shared (<c>container:NAME</c>).</summary>
    Namespace,

    /// <summary>A network that exists on its nodes only (scope <c>local</c>, made by a user).</summary>
    Network,

    /// <summary>A named volume that exists on its nodes only (driver <c>local</c>); one that exists nowhere asks for nothing.</summary>
    Volume,
}

/// <summary>Something that the node has to hold already.</summary>
/// <param name="Kind">What and why.</param>
/// <param name="Name">Name or full id, without leading slash.</param>
public readonly record struct Dependency(DependencyKind Kind, string Name);
