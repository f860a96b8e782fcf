using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.State;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Which events are still on their way to us: what an engine has told up to a moment reaches us later than that moment. Who asks for the events
/// until now has to wait for them, and only for them.
/// </summary>
public sealed class EventArrivals(EngineEventFeed feed, ClusterState state, ITunnels tunnels, TimeProvider clock, IOptions<DeadlineOptions> deadlines)
{
    /// <summary>How long an event can be on its way. Before that, all have come.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    // An engine keeps its last 256 events.
    private const int LargestAnswer = 4 * 1024 * 1024;

    /// <summary>The newest event of each node up to a moment; a node that does not answer is left out.</summary>
    /// <param name="until">Not in the future.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<IReadOnlyList<(string NodeId, DateTime At)>> ExpectedAsync(DateTime until, CancellationToken cancellationToken)
    {
        var nodes = state.Current.Nodes.Values.Where(node => node.State == NodeState.Ready).ToList();
        var newest = await Task.WhenAll(nodes.Select(node => NewestAsync(node.Id, until, cancellationToken)));
        return [.. nodes.Zip(newest).Where(node => node.Second is not null).Select(node => (node.First.Id, node.Second!.Value))];
    }

    /// <summary>All of them have been heard.</summary>
    public bool HaveCome(IReadOnlyList<(string NodeId, DateTime At)> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return expected.All(node => feed.HeardUntil(node.NodeId) >= node.At);
    }

    private async Task<DateTime?> NewestAsync(string nodeId, DateTime until, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(deadlines.Value.PastEventsSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        DateTime? newest = null;
        try
        {
            var opened = await tunnels.OpenAsync(nodeId, new PastEvents(Nano(until - Longest), Nano(until)), either.Token);
            if (!opened.IsSuccess)
            {
                return null;
            }

            await using var reply = opened.Value;
            if (reply.Head.Status != 200)
            {
                return null;
            }

            using var lines = new StreamReader(reply.Body, Encoding.UTF8);
            for (var read = 0; read < LargestAnswer && await lines.ReadLineAsync(either.Token) is { } line; read += line.Length)
            {
                newest = At(line) ?? newest;
            }
        }
        catch (Exception exception) when (exception is IOException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // An engine whose clock is behind ends its answer later: what it has told by then counts.
        }

        return newest;
    }

    private static long Nano(DateTime moment) => (moment - DateTime.UnixEpoch).Ticks * 100;

    private static DateTime? At(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("timeNano", out var nano) && nano.TryGetInt64(out var value)
            ? DateTime.UnixEpoch.AddTicks(value / 100)
            : null;
    }
}
