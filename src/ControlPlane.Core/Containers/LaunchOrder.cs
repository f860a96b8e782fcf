using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Data;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers;

/// <summary>What is needed to send a container's create to its node, now or again after a restart.</summary>
public sealed record LaunchOrder(string Id, string Name, string NodeId, string SpecJson, string? PullImage, bool Start, IReadOnlyList<NetworkConnection> FurtherNetworks)
{
    /// <summary>Nothing was sent to this node for it before; false when that is not known, e.g. after a restart.</summary>
    public bool First { get; init; }

    /// <summary>Image to remember a registry by.</summary>
    public string Image { get; init; } = "";

    /// <summary>Who refused it before, for people; empty mostly.</summary>
    public string Story { get; init; } = "";

    /// <summary>It is being moved from a failed node.</summary>
    public bool Moving { get; init; }

    public static LaunchOrder From(ContainerEntity row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var pull = row.Pull && ImageReference.TryParse(row.Image, out var image, out _) ? image.ToString() : null;
        var kept = KeptRequest.Read(row.RequestJson);
        return new LaunchOrder(row.Id, row.Name!, row.NodeId, row.SpecJson, pull, row.Start, kept.FurtherNetworks)
        {
            Image = row.Image,
            Moving = kept.Origin is not null,
            Story = kept.Refusals.Count == 0
                ? ""
                : string.Join(' ', ContainerViews.ReadPlacement(row.PlacementJson)!.History.TakeLast(kept.Refusals.Count).Select(past => $"{past.Node} {past.Reason}")),
        };
    }

    /// <summary>The command; a new id each time, because the cluster id is what makes it idempotent.</summary>
    public CreateContainer ToCommand(DeadlineOptions deadlines)
    {
        ArgumentNullException.ThrowIfNull(deadlines);
        return new CreateContainer
        {
            Id = $"create-{Id[..12]}-{Guid.NewGuid():N}",
            DeadlineMilliseconds = 1000 * (PullImage is null ? deadlines.CreateSeconds : deadlines.PullSeconds),
            ClusterId = Id,
            Name = Name,
            SpecJson = SpecJson,
            FurtherNetworks = FurtherNetworks,
            PullImage = PullImage,
            Start = Start,
        };
    }
}
