using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Objects;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Networks;

/// <summary>A network on its node; one that reaches over nodes, on the first of them.</summary>
/// <param name="Node">The node.</param>
/// <param name="Report">As the node reported it.</param>
/// <param name="Collection">Where it belongs.</param>
/// <param name="Owner">Name of who made it through us; null = made directly on the engine.</param>
public sealed record FoundNetwork(NodeRecord Node, NetworkReport Report, string Collection, string? Owner)
{
    public bool IsLocal => Report.Scope == "local";

    /// <summary>One of those that every engine has.</summary>
    public bool IsBuiltIn => SpecDependencies.IsBuiltIn(Report.Name);

    /// <summary>The name that is unique in the cluster.</summary>
    public string FullName => IsLocal ? $"{Node.Name}/{Report.Name}" : Report.Name;

    internal OwnedKey Key => new(OwnedKind.Network, Report.Id);

    /// <summary>Where its row is.</summary>
    internal string Place => ObjectOwnership.PlaceOf(Node.Id, Report);
}

/// <summary>Which networks; values of one field are alternatives, except labels, all of which must hold.</summary>
public sealed record NetworkFilter
{
    /// <summary>Beginnings of ids.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>Parts of names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
    public IReadOnlyList<string> Drivers { get; init; } = [];
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Names of nodes.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];
    public LabelFilters Labels { get; init; } = LabelFilters.None;

    /// <summary>Only those that every engine has (true), or only the others (false).</summary>
    public bool? BuiltIn { get; init; }

    /// <summary>Used by no container (true) or by one (false).</summary>
    public bool? Dangling { get; init; }

    /// <summary>Made before, UTC.</summary>
    public DateTime? Until { get; init; }
}
