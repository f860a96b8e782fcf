using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Data;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers;

/// <summary>What is needed to send a container's create to its node, now or again after a restart.</summary>
public sealed record LaunchOrder(string Id, string Name, string NodeId, string SpecJson, string? PullImage, bool Start, IReadOnlyList<NetworkConnection> FurtherNetworks)
{
    public static LaunchOrder From(ContainerEntity row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var pull = row.Pull && ImageReference.TryParse(row.Image, out var image, out _) ? image.ToString() : null;
        return new LaunchOrder(row.Id, row.Name!, row.NodeId, row.SpecJson, pull, row.Start, KeptRequest.Read(row.RequestJson).FurtherNetworks);
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
