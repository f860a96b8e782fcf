using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Images;

/// <summary>Loads and imports on all nodes that take something new from the caller, as classic Swarm did: the archive is read once and fanned out.</summary>
public sealed class ImageLoads(
    ImageNodes nodes, AccessGate gate, ITunnels tunnels, Sightings sightings, AuditTrail audit, TimeProvider clock, IOptions<DeadlineOptions> deadlines)
{
    private const int LongestText = 16 * 1024;
    private const int MostChanges = 100;
    private const string LoadedImage = "Loaded image: ";
    private const string LoadedId = "Loaded image ID: ";

    /// <summary>The archive of a save. Lines that several nodes say alike (<c>Loaded image: …</c>) come once.</summary>
    public Task<Error?> LoadAsync(Caller caller, bool quiet, Stream archive, LineSink output, CancellationToken cancellationToken)
    {
        var said = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var loaded = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        return RunAsync(
            caller,
            new AuditObject("image", "", null),
            // Always with progress: it is the sign of life.
            new LoadImages(Quiet: false),
            archive,
            output,
            async (lines, node, line, token) =>
            {
                if (line.Stream is { } text)
                {
                    if (text.StartsWith(LoadedImage, StringComparison.Ordinal) || text.StartsWith(LoadedId, StringComparison.Ordinal))
                    {
                        loaded.TryAdd(text[(text.IndexOf(": ", StringComparison.Ordinal) + 2)..].Trim(), true);
                    }

                    if (said.Count < 10_000 && said.TryAdd(text, true))
                    {
                        await lines.WriteAsync(line, token);
                    }
                }
                else if (!quiet)
                {
                    await node.WriteAsync(line, token);
                }
            },
            image => loaded.Keys.All(name => image.Any(one => one.Id == name || one.Tags.Contains(name, StringComparer.Ordinal))),
            () => loaded.IsEmpty ? "" : $"; {string.Join(", ", loaded.Keys.Order(StringComparer.Ordinal).Take(20))}",
            cancellationToken);
    }

    /// <summary>Each node makes an image of its own: their ids differ, as the time of an import is part of the image.</summary>
    public async Task<Error?> ImportAsync(Caller caller, ImageImportRequest request, Stream archive, LineSink output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Problem(request) is { } problem)
        {
            return problem;
        }

        ImageReference? reference = null;
        if (request.Repository is { } repository && (!ImageNames.TryJoin(repository, request.Tag, out reference, out _) || reference.Digest is not null))
        {
            return new InvalidError("repo", "must be a repository with an optional tag");
        }

        var made = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        return await RunAsync(
            caller,
            new AuditObject("image", "", reference?.ToString()),
            new ImportImage(reference is null ? null : $"{reference.Domain}/{reference.Path}", reference?.Tag, request.Message, request.Changes, request.Platform),
            archive,
            output,
            async (lines, node, line, token) =>
            {
                if (ImageReference.IsImageId(line.Status))
                {
                    made[line.Status!] = line.Status!;
                }

                await node.WriteAsync(line, token);
            },
            images => images.Any(image => made.ContainsKey(image.Id)),
            () => made.IsEmpty ? "" : $"; {string.Join(", ", made.Keys.Take(20))}",
            cancellationToken);
    }

    private static InvalidError? Problem(ImageImportRequest request)
    {
        if (request.Platform is not null && !PlacementRules.TryReadPlatform(request.Platform, out _))
        {
            return new InvalidError("platform", "must be 'os/architecture' or 'os/architecture/variant', such as 'linux/arm64'");
        }

        if (request.Changes.Count > MostChanges || request.Changes.Sum(change => change.Length) + (request.Message?.Length ?? 0) > LongestText)
        {
            return new InvalidError("changes", $"must not be more than {MostChanges} instructions, and together with the message no more than {LongestText} characters");
        }

        return request.Changes.Any(change => change.TrimStart().StartsWith("LABEL", StringComparison.OrdinalIgnoreCase) && ReservedLabels.Mentions(change))
            ? new InvalidError("changes", "must not set labels that are made by the system")
            : null;
    }

    private async Task<Error?> RunAsync(
        Caller caller, AuditObject target, TunnelRequest request, Stream archive, LineSink output,
        Func<LineOutput, NodeLines, EngineLine, CancellationToken, ValueTask> take, Func<IReadOnlyList<ImageReport>, bool> shows, Func<string> what, CancellationToken cancellationToken)
    {
        var taking = nodes.Taking(caller, Permission.ImagesLoad);
        if (!taking.IsSuccess)
        {
            return taking.Error is ForbiddenError ? await gate.RefuseAsync(caller, Permission.ImagesLoad, target, taking.Error, cancellationToken) : taking.Error;
        }

        using var lines = new LineOutput(output);
        var done = new ConcurrentQueue<NodeRecord>();
        var audited = new WatchedWork(
            audit, caller, Permission.ImagesLoad, target, null, () => $"on {(done.IsEmpty ? "no node" : string.Join(", ", done.Select(node => node.Name)))}{what()}");
        return await WatchedWork.RunAsync(
            audited,
            lines,
            async () =>
            {
                var error = await FanOutAsync(taking.Value, request, archive, lines, take, done, cancellationToken);
                await Task.WhenAll(done.Select(node => sightings.WaitAsync(node.Id, shows, cancellationToken)));
                return error;
            },
            cancellationToken);
    }

    private async Task<Error?> FanOutAsync(
        IReadOnlyList<NodeRecord> targets, TunnelRequest request, Stream archive, LineOutput lines,
        Func<LineOutput, NodeLines, EngineLine, CancellationToken, ValueTask> take, ConcurrentQueue<NodeRecord> done, CancellationToken cancellationToken)
    {
        var (idle, stuck) = (TimeSpan.FromSeconds(deadlines.Value.ImageIdleSeconds), TimeSpan.FromSeconds(deadlines.Value.ImageSendSeconds));
        var begun = await Task.WhenAll(targets.Select(node => EngineStream.BeginAsync(tunnels, node.Id, node.Name, request, idle, stuck, clock, cancellationToken)));
        var streams = begun.Where(result => result.IsSuccess).Select(result => result.Value).ToList();
        try
        {
            var errors = begun.Where(result => !result.IsSuccess).Select(result => result.Error!).ToList();
            if (streams.Count == 0)
            {
                return EngineAnswers.Together(errors);
            }

            var byNode = streams.ToDictionary(stream => stream, stream => new NodeLines(stream.Node, lines, clock));
            var ends = await FanOut.RunAsync(streams, archive, (stream, line, token) => take(lines, byNode[stream], line, token), cancellationToken);
            for (var i = 0; i < ends.Count; i++)
            {
                if (ends[i] is { } error)
                {
                    errors.Add(error);
                }
                else
                {
                    done.Enqueue(targets.First(node => node.Name == streams[i].Node));
                }
            }

            return EngineAnswers.Together(errors);
        }
        finally
        {
            foreach (var stream in streams)
            {
                await stream.DisposeAsync();
            }
        }
    }
}
