using ControlPlane.Core.Data;

namespace ControlPlane.Core.Objects;

/// <summary>Kinds of things that belong to a collection of their own.</summary>
public static class OwnedKind
{
    public const string Network = "network";
    public const string Volume = "volume";
}

/// <summary>What an owned thing is known by on its node.</summary>
/// <param name="Kind">See <see cref="OwnedKind"/>.</param>
/// <param name="Key">Engine id of a network, name of a volume.</param>
public readonly record struct OwnedKey(string Kind, string Key);

/// <summary>Who a network or volume belongs to.</summary>
/// <param name="Id">Of the row.</param>
/// <param name="NodeId">Its node; empty when it reaches over nodes.</param>
/// <param name="Key">What it is known by there.</param>
/// <param name="Collection">Where it belongs.</param>
/// <param name="Owner">Name of who made it.</param>
/// <param name="CreatedAt">When it was made through us, UTC.</param>
public sealed record OwnedObject(Guid Id, string NodeId, OwnedKey Key, string Collection, string Owner, DateTime CreatedAt)
{
    /// <summary>Node of what reaches over nodes.</summary>
    public const string Everywhere = "";

    internal static OwnedObject From(OwnedObjectEntity row) => new(row.Id, row.NodeId, new OwnedKey(row.Kind, row.Key), row.Collection, row.Owner, row.CreatedAt);

    internal OwnedObjectEntity ToRow() => new()
    {
        Id = Id, Kind = Key.Kind, NodeId = NodeId, Key = Key.Key, Collection = Collection, Owner = Owner, CreatedAt = CreatedAt,
    };
}
