using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>
/// What images were built for. The engine's list does not say it, so each id is inspected once, one after another and after the
/// list has been reported: an inventory never waits for it.
/// </summary>
internal sealed class ImagePlatforms(EngineReader reader, InventoryStore store, AgentDeadlines deadlines)
{
    // More images than that on one node are layers of builds; they go without.
    private const int MostInspected = 5000;

    private readonly ConcurrentDictionary<string, ImagePlatform> _known = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The list with what is known already; the rest follows by itself.</summary>
    public IReadOnlyList<ImageReport> Fill(IReadOnlyList<ImageReport> images)
    {
        // The list is all there is: what is not on it is not kept.
        var ids = images.Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _known.Keys.Where(id => !ids.Contains(id)))
        {
            _known.TryRemove(gone, out _);
        }

        if (ids.Count > _known.Count)
        {
            _wanted.Writer.TryWrite(true);
        }

        return Filled(images);
    }

    /// <summary>Inspects what is missing whenever there is something; ends with the token.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _wanted.Reader.ReadAllAsync(cancellationToken))
            {
                await LearnAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine has gone or the agent stops.
        }
    }

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        var learned = false;
        foreach (var image in store.Images)
        {
            if (_known.Count >= MostInspected)
            {
                break;
            }

            if (_known.ContainsKey(image.Id))
            {
                continue;
            }

            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(deadlines.EngineRead);
            try
            {
                _known[image.Id] = await reader.InspectImageAsync(image.Id, deadline.Token);
                learned = true;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The engine is slow or going. The next list asks again.
                break;
            }
        }

        if (learned)
        {
            store.SetImages(Filled);
        }
    }

    private IReadOnlyList<ImageReport> Filled(IReadOnlyList<ImageReport> images) =>
    [
        .. images.Select(image => _known.TryGetValue(image.Id, out var platform) ? image with { Os = platform.Os, Architecture = platform.Architecture } : image),
    ];
}
