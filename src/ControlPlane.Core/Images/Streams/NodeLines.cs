namespace ControlPlane.Core.Images.Streams;

/// <summary>What one node says, on its way into the common stream: with its name, and at most ten lines of progress a second.</summary>
internal sealed class NodeLines(string node, LineOutput output, TimeProvider clock)
{
    /// <summary>As often as people can read; what is left out is said better by the next one.</summary>
    internal static readonly TimeSpan ProgressPause = TimeSpan.FromMilliseconds(100);

    private long? _lastProgress;

    public ValueTask WriteAsync(EngineLine line, CancellationToken cancellationToken)
    {
        if (line.IsProgress)
        {
            if (_lastProgress is { } last && clock.GetElapsedTime(last) < ProgressPause)
            {
                return ValueTask.CompletedTask;
            }

            _lastProgress = clock.GetTimestamp();
        }

        return output.WriteAsync(line.From(node), cancellationToken);
    }

    public ValueTask SayAsync(string status, CancellationToken cancellationToken) => output.WriteAsync(EngineLine.Of(("status", status), ("id", node)), cancellationToken);
}
