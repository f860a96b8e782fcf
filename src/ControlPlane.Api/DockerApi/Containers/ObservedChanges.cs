using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Read your writes: waits until the cluster's state shows what a node has just said, for a moment at most.</summary>
internal sealed class ObservedChanges(ClusterState state, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <param name="id">The container.</param>
    /// <param name="seen">Whether this is what is waited for; null = the container has gone.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task UntilAsync(string id, Func<ContainerRecord?, bool> seen, CancellationToken cancellationToken)
    {
        if (seen(state.Current.Container(id)))
        {
            return;
        }

        using var changes = state.Subscribe();
        using var deadline = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            while (!seen(state.Current.Container(id)) && await changes.Changes.WaitToReadAsync(either.Token))
            {
                while (changes.Changes.TryRead(out _))
                {
                    // Only that something changed counts.
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The node is slow to tell: the answer need not be.
        }
    }
}
