using System.Text.Json;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>What one node is asked about images: inspect, history, save, and what it asks registries.</summary>
public sealed class ImageReads(ImageNodes nodes, ImageQueries queries, ITunnels tunnels, TimeProvider clock)
{
    private const int MostSaved = 100;
    private const int LongestTerm = 200;

    /// <summary>The engine's document of it, of the first Ready node that has it.</summary>
    public Task<Result<TunnelReply>> InspectAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        OfFirstAsync(caller, name, held => new InspectImage(held.Image.Id), cancellationToken);

    /// <summary>The engine's list of its layers.</summary>
    public Task<Result<TunnelReply>> HistoryAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        OfFirstAsync(caller, name, held => new ImageHistory(held.Image.Id), cancellationToken);

    /// <summary>A tar stream of all of them, from one node that has them together.</summary>
    public async Task<Result<TunnelReply>> SaveAsync(Caller caller, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count is 0 or > MostSaved)
        {
            return new InvalidError("names", $"must name 1 to {MostSaved} images");
        }

        var images = new List<FoundImage>();
        foreach (var name in names)
        {
            var found = queries.Find(caller, name, Permission.ImagesSave);
            if (!found.IsSuccess)
            {
                return found.Error;
            }

            images.Add(found.Value);
        }

        var ready = images.ConvertAll(image => image.Held.Where(held => held.Node.State == NodeState.Ready).ToDictionary(held => held.Node.Id, StringComparer.Ordinal));
        if (ready.FindIndex(held => held.Count == 0) is >= 0 and var away)
        {
            return ImageNodes.NotReady([.. images[away].Held.Select(held => held.Node)]);
        }

        if (images[0].Held.FirstOrDefault(held => ready.TrueForAll(other => other.ContainsKey(held.Node.Id))) is not { } first)
        {
            var where = images.Select((image, i) => $"{ImageNames.Shown(image.Asked)} is on {string.Join(", ", ready[i].Values.Select(held => held.Node.Name).Order(StringComparer.Ordinal).Take(5))}");
            return new NotFoundError("image.not_together", $"No node has all of these images: {string.Join("; ", where)}. Save them one by one, or pull them to one node.");
        }

        return await OpenAsync(first.Node, new SaveImages([.. images.Select((image, i) => image.ForEngine(ready[i][first.Node.Id]))]), cancellationToken);
    }

    /// <summary>What a registry has of this name, asked by one node. Who may make a node talk to registries may pull.</summary>
    public async Task<Result<TunnelReply>> DistributionAsync(Caller caller, string name, string? registryAuth, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(name, out var reference, out var problem))
        {
            return new InvalidError("name", problem);
        }

        var node = nodes.Asking(caller);
        return node.IsSuccess
            ? await OpenAsync(node.Value, new InspectDistribution(reference.ToFullString()) { RegistryAuth = registryAuth }, cancellationToken)
            : node.Error;
    }

    /// <summary>Whether a registry takes these credentials, asked by one node; they are passed on for this once.</summary>
    public async Task<Result<TunnelReply>> CheckLoginAsync(Caller caller, RegistryLogin login, CancellationToken cancellationToken)
    {
        var node = nodes.Asking(caller);
        return node.IsSuccess
            ? await OpenAsync(node.Value, new CheckLogin(JsonSerializer.Serialize(login, EngineJson.Default.RegistryLogin)), cancellationToken)
            : node.Error;
    }

    /// <summary>What a registry finds.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="term">What to look for, perhaps with a registry in front.</param>
    /// <param name="limit">1 to 100; null = the engine's.</param>
    /// <param name="filters">The engine's: <c>is-official</c>, <c>is-automated</c>, <c>stars</c>.</param>
    /// <param name="registryAuth">As it came; used for this search only.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<Result<TunnelReply>> SearchAsync(
        Caller caller, string term, int? limit, IReadOnlyDictionary<string, IReadOnlyList<string>> filters, string? registryAuth, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filters);
        if (string.IsNullOrWhiteSpace(term) || term.Length > LongestTerm || !TextRules.IsText(term) || term.Contains("://", StringComparison.Ordinal))
        {
            return new InvalidError("term", $"must be 1 to {LongestTerm} characters, without a scheme");
        }

        if (limit is < 1 or > 100)
        {
            return new InvalidError("limit", "must be 1 to 100");
        }

        var node = nodes.Asking(caller);
        if (!node.IsSuccess)
        {
            return node.Error;
        }

        var json = filters.Count == 0 ? null : JsonSerializer.Serialize(filters);
        return await OpenAsync(node.Value, new SearchImages(term, limit, json) { RegistryAuth = registryAuth }, cancellationToken);
    }

    private async Task<Result<TunnelReply>> OfFirstAsync(Caller caller, string name, Func<HeldImage, TunnelRequest> request, CancellationToken cancellationToken)
    {
        var first = queries.First(caller, name, Permission.ImagesRead);
        return first.IsSuccess ? await OpenAsync(first.Value.Held.Node, request(first.Value.Held), cancellationToken) : first.Error;
    }

    private async Task<Result<TunnelReply>> OpenAsync(NodeRecord node, TunnelRequest request, CancellationToken cancellationToken)
    {
        var opened = await tunnels.OpenAsync(node.Id, request, cancellationToken);
        if (!opened.IsSuccess)
        {
            return EngineAnswers.Named(node.Name, opened.Error);
        }

        if (EngineAnswers.IsGood(opened.Value.Head))
        {
            return opened;
        }

        await using (opened.Value)
        {
            return await EngineAnswers.ErrorAsync(node.Name, opened.Value.Head, opened.Value.Body, clock, cancellationToken);
        }
    }
}
