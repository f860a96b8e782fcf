namespace ControlPlane.Core.Data;

/// <summary>A network or volume that was made through us: who it belongs to. What has no row belongs to the collection of its node.</summary>
public sealed class OwnedObjectEntity
{
    public Guid Id { get; set; }

    /// <summary><c>network</c> or <c>volume</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>Id of its node; empty for a network that reaches over nodes.</summary>
    public required string NodeId { get; set; }

    /// <summary>Engine id of the network, or name of the volume.</summary>
    public required string Key { get; set; }
    public required string Collection { get; set; }

    /// <summary>Name of who made it.</summary>
    public required string Owner { get; set; }
    public DateTime CreatedAt { get; set; }
}
