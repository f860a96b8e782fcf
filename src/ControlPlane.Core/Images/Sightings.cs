using ControlPlane.Contracts.Agents;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Images;

/// <summary>
/// Waits until a node has reported what it was just given, so that whoever is answered sees it in the next list. What takes longer is true all
/// the same and comes by itself.
/// </summary>
public sealed class Sightings(ClusterState state, TimeProvider clock)
{
    /// <summary>The agent looks within a quarter of a second of the engine's event.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal Task WaitAsync(string nodeId, Func<ImageReport, bool> which, CancellationToken cancellationToken) =>
        WaitAsync(nodeId, (IReadOnlyList<ImageReport> images) => images.Any(which), cancellationToken);

    internal async Task WaitAsync(string nodeId, Func<IReadOnlyList<ImageReport>, bool> which, CancellationToken cancellationToken)
    {
        using var subscription = state.Subscribe();
        if (Has(subscription.Start.Node(nodeId), which))
        {
            return;
        }

        using var deadline = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await foreach (var batch in subscription.Changes.ReadAllAsync(either.Token))
            {
                if (batch.Any(change => change.Record is NodeRecord node && string.Equals(node.Id, nodeId, StringComparison.Ordinal) && Has(node, which)))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Answered all the same.
        }
    }

    private static bool Has(NodeRecord? node, Func<IReadOnlyList<ImageReport>, bool> which) => node is null || which(node.Images);
}
