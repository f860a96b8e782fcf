namespace ControlPlane.Core.Containers;

/// <summary>Reasons that go with changes of containers in the change stream.</summary>
public static class ContainerReasons
{
    /// <summary>The node reports that the container is gone.</summary>
    public const string Destroyed = "destroy";

    public const string CreateFailed = "create-failed";

    /// <summary>Removed while its node was away; the engine's copy follows when the node is back.</summary>
    public const string Tombstone = "tombstone";

    public const string Removed = "removed";
}
