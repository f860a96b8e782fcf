using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>
/// One pull. A digest goes to all nodes at once. A tag is pulled by one node first; the others then pull what that one got, by its digest, and
/// give it the tag: all have the same image, and the registry is asked for the tag once. While the first one is silent a next one is asked as
/// well, so that a frozen node holds nobody up.
/// </summary>
internal sealed class PullRun(PullTools tools, LineOutput output, ImageReference reference, ImagePullRequest request)
{
    /// <summary>Registries and disks are spared; a frozen node holds one of the places until it is given up.</summary>
    private const int AtOnce = 32;

    /// <summary>Nodes that may fail by what engine or registry says before nobody else is asked.</summary>
    private const int MostFailures = 3;

    private readonly ConcurrentDictionary<string, Error> _failed = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _done = new();

    /// <summary>Names of the nodes that have it.</summary>
    public IReadOnlyCollection<string> Done => _done;

    /// <summary>What the tag stood for; null while that is not known.</summary>
    public string? Digest { get; private set; } = reference.Digest;

    /// <summary>Null when all nodes have it.</summary>
    public async Task<Error?> RunAsync(IReadOnlyList<NodeRecord> nodes, CancellationToken cancellationToken)
    {
        if (reference.Digest is not null)
        {
            await EachAsync(nodes, FollowAsync, cancellationToken);
        }
        else
        {
            await LeadAsync(nodes, cancellationToken);
        }

        return EngineAnswers.Together([.. nodes.Select(node => _failed.GetValueOrDefault(node.Name)).OfType<Error>()]);
    }

    private async Task LeadAsync(IReadOnlyList<NodeRecord> nodes, CancellationToken cancellationToken)
    {
        // Whatever ends this ends them all.
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var leaders = new List<Leader>();
        var waiting = new Queue<NodeRecord>(nodes);
        var failures = 0;
        try
        {
            while (Digest is null)
            {
                var running = leaders.Where(leader => !leader.Seen).ToList();
                if (running.TrueForAll(leader => leader.IsSilent(tools)) && waiting.TryDequeue(out var next))
                {
                    leaders.Add(new Leader(next, leader => ByTagAsync(leader, scope.Token)));
                    continue;
                }

                if (running.Count == 0)
                {
                    break;
                }

                await FirstAsync(running, waiting.Count > 0, cancellationToken);
                foreach (var leader in running.Where(leader => leader.Pull.IsCompleted))
                {
                    leader.Seen = true;
                    var (digest, error) = await leader.Pull;
                    if (error is null)
                    {
                        Digest ??= digest;
                        if (digest is null)
                        {
                            // An engine that does not say what it got: the others ask by the tag.
                            await EachAsync([.. waiting], (node, token) => ByTagAsync(new Leader(node, null), token), cancellationToken);
                            waiting.Clear();
                        }
                    }
                    else if (IsFinal(error) || (error is EngineError && ++failures == MostFailures))
                    {
                        waiting.Clear();
                    }
                }
            }

            if (Digest is not null)
            {
                await EachAsync([.. waiting], FollowAsync, cancellationToken);
            }

            // Those who were silent for a while, and perhaps got what the tag stood for a moment later.
            foreach (var leader in leaders)
            {
                var (digest, error) = await leader.Pull;
                if (error is null && Digest is not null && digest is not null && digest != Digest)
                {
                    await FollowAsync(leader.Node, cancellationToken);
                }
            }
        }
        finally
        {
            await scope.CancelAsync();
            foreach (var leader in leaders)
            {
                await ((Task)leader.Pull).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until one of them has ended, or all have been silent for so long that another one is to be asked.</summary>
    private async Task FirstAsync(List<Leader> running, bool hasMore, CancellationToken cancellationToken)
    {
        var ended = Task.WhenAny(running.Select(leader => leader.Pull));
        if (!hasMore)
        {
            await ended.WaitAsync(cancellationToken);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pause = running.Select(leader => TimeSpan.FromSeconds(tools.Deadlines.ImageLeadSeconds) - leader.Silent(tools)).Max();
        await Task.WhenAny(ended, Task.Delay(pause > TimeSpan.FromMilliseconds(10) ? pause : TimeSpan.FromMilliseconds(10), tools.Clock, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<(string? Digest, Error? Error)> ByTagAsync(Leader leader, CancellationToken cancellationToken)
    {
        string? digest = null;
        var error = await FetchAsync(leader.Node, reference.ToFullString(), leader, line => digest ??= DigestOf(line.Status), cancellationToken);
        if (error is null)
        {
            await tools.Sightings.WaitAsync(leader.Node.Id, image => Has(image, ImageNames.Reported(reference), digest), cancellationToken);
        }

        return (digest, await EndAsync(leader.Node, error, cancellationToken));
    }

    private async Task FollowAsync(NodeRecord node, CancellationToken cancellationToken)
    {
        var exact = reference with { Tag = null, Digest = Digest };
        var reported = ImageNames.Reported(exact);
        var held = tools.State.Current.Node(node.Id)?.Images.FirstOrDefault(image => image.Digests.Contains(reported, StringComparer.Ordinal));
        Error? error = null;
        if (held is null || request.Platform is not null)
        {
            error = await FetchAsync(node, exact.ToFullString(), null, null, cancellationToken);
            if (error is not null && reference.Tag is not null && IsUnknown(error))
            {
                // A registry that gives by tag only: the tag is what is left.
                await ByTagAsync(new Leader(node, null), cancellationToken);
                return;
            }

            if (error is null && reference.Tag is null)
            {
                await tools.Sightings.WaitAsync(node.Id, image => image.Digests.Contains(reported, StringComparer.Ordinal), cancellationToken);
            }
        }
        else
        {
            await output.WriteAsync(EngineLine.Of(("status", $"Image is up to date for {ImageNames.Reported(reference)}"), ("id", node.Name)), cancellationToken);
        }

        if (error is null && reference.Tag is { } tag && held?.Tags.Contains(ImageNames.Reported(reference), StringComparer.Ordinal) != true)
        {
            var command = new TagImage
            {
                Id = Guid.NewGuid().ToString("N"),
                DeadlineMilliseconds = tools.Deadlines.CommandSeconds * 1000,
                Reference = exact.ToFullString(),
                Repository = reference.FamiliarName,
                Tag = tag,
            };
            error = CommandErrors.Of(await tools.Links.RunAsync(node.Id, command, null, cancellationToken), node.Name);
        }

        await EndAsync(node, error, cancellationToken);
    }

    private async Task<Error?> FetchAsync(NodeRecord node, string name, Leader? leader, Action<EngineLine>? look, CancellationToken cancellationToken)
    {
        var deadlines = tools.Deadlines;
        var begun = await EngineStream.BeginAsync(
            tools.Tunnels, node.Id, node.Name, new FetchImage(name, request.Platform) { RegistryAuth = request.RegistryAuth },
            TimeSpan.FromSeconds(deadlines.ImageIdleSeconds), TimeSpan.FromSeconds(deadlines.ImageSendSeconds), tools.Clock, cancellationToken);
        if (!begun.IsSuccess)
        {
            return begun.Error;
        }

        await using var stream = begun.Value;
        if (leader is not null)
        {
            leader.Stream = stream;
        }

        var lines = new NodeLines(node.Name, output, tools.Clock);
        return await stream.EndAsync(cancellationToken) ?? await stream.AnswerAsync(
            (line, token) =>
            {
                look?.Invoke(line);
                return lines.WriteAsync(line, token);
            },
            cancellationToken);
    }

    private async Task<Error?> EndAsync(NodeRecord node, Error? error, CancellationToken cancellationToken)
    {
        if (error is null)
        {
            _failed.TryRemove(node.Name, out _);
            if (!_done.Contains(node.Name))
            {
                _done.Enqueue(node.Name);
            }

            return null;
        }

        _failed[node.Name] = error;
        if (output.Begun)
        {
            await output.WriteAsync(EngineLine.Of(("status", "failed: " + error.Message), ("id", node.Name)), cancellationToken);
        }

        return error;
    }

    private static async Task EachAsync(IReadOnlyList<NodeRecord> nodes, Func<NodeRecord, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(
            nodes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (node, token) => await work(node, token));

    private static bool Has(ImageReport image, string tag, string? digest) =>
        image.Tags.Contains(tag, StringComparer.Ordinal)
        && (digest is null || image.Digests.Any(known => known.EndsWith("@" + digest, StringComparison.Ordinal)));

    /// <summary>The line <c>Digest: sha256:…</c> that ends a pull.</summary>
    private static string? DigestOf(string? status) =>
        status is not null && status.StartsWith("Digest: ", StringComparison.Ordinal) && ImageReference.TryParse("x@" + status["Digest: ".Length..].Trim(), out var read, out _)
            ? read.Digest
            : null;

    /// <summary>The registry knows neither name nor digest.</summary>
    private static bool IsUnknown(Error error) => error is EngineError { EngineStatus: 404 }
        || error.Message.Contains("manifest unknown", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("not found", StringComparison.OrdinalIgnoreCase);

    /// <summary>The registry has said no, and would to every other node.</summary>
    private static bool IsFinal(Error error) => error is EngineError { Code: not "policy.refused" }
        && (IsUnknown(error) || error is EngineError { EngineStatus: 400 or 401 or 403 }
            || error.Message.Contains("denied", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("unauthorized", StringComparison.OrdinalIgnoreCase)
            || error.Message.Contains("does not exist", StringComparison.OrdinalIgnoreCase));

    /// <summary>A node that pulls by the tag.</summary>
    private sealed class Leader
    {
        public Leader(NodeRecord node, Func<Leader, Task<(string? Digest, Error? Error)>>? begin)
        {
            Node = node;
            Pull = begin?.Invoke(this) ?? Task.FromResult<(string?, Error?)>((null, null));
        }

        public NodeRecord Node { get; }

        public Task<(string? Digest, Error? Error)> Pull { get; }

        public EngineStream? Stream { get; set; }

        public bool Seen { get; set; }

        private long? _began;

        public TimeSpan Silent(PullTools tools) => Stream?.Silent ?? tools.Clock.GetElapsedTime(_began ??= tools.Clock.GetTimestamp());

        public bool IsSilent(PullTools tools) => Silent(tools) >= TimeSpan.FromSeconds(tools.Deadlines.ImageLeadSeconds);
    }
}
