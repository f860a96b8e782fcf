using System.Text.Json;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Json;

namespace ControlPlane.Api.DockerApi.Images;

/// <summary>Images: lists and single ones, and what changes them in one step.</summary>
internal sealed class ImageRoutes(ImageQueries queries, ImageReads reads, ImageChanges changes, ImagePruning pruning, TimeProvider clock) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("GET", "/images/json", Permission.ImagesRead, Served.Snapshot, call => Task.FromResult(List(call))),
        DockerRoute.Of("GET", "/images/{name}/json", Permission.ImagesRead, Served.Nodes, call => PassAsync(call, DockerCall.Json, reads.InspectAsync(call.Caller, call.Name, call.Aborted))),
        DockerRoute.Of("GET", "/images/{name}/history", Permission.ImagesRead, Served.Nodes, call => PassAsync(call, DockerCall.Json, reads.HistoryAsync(call.Caller, call.Name, call.Aborted))),
        DockerRoute.Of("GET", "/images/{name}/get", Permission.ImagesSave, Served.Nodes, call => PassAsync(call, DockerCall.Tar, reads.SaveAsync(call.Caller, [call.Name], call.Aborted))) with { Streams = true },
        DockerRoute.Of("GET", "/images/get", Permission.ImagesSave, Served.Nodes, call => PassAsync(call, DockerCall.Tar, reads.SaveAsync(call.Caller, call.Query.Texts("names"), call.Aborted))) with { Streams = true },
        DockerRoute.Of("GET", "/images/search", Permission.ImagesPull, Served.Nodes, SearchAsync),
        DockerRoute.Of("GET", "/distribution/{name}/json", Permission.ImagesPull, Served.Nodes, DistributionAsync),
        DockerRoute.Of("POST", "/auth", Permission.ImagesPull, Served.Nodes, LoginAsync),
        DockerRoute.Of("POST", "/images/{name}/tag", Permission.ImagesTag, Served.Nodes, TagAsync),
        DockerRoute.Of("DELETE", "/images/{name}", Permission.ImagesRemove, Served.Nodes, RemoveAsync),
        DockerRoute.Of("POST", "/images/prune", Permission.ImagesPrune, Served.Nodes, PruneAsync),
    ];

    /// <summary>What nodes report are images that something can be done with; <c>all</c> has no more to show.</summary>
    private Error? List(DockerCall call)
    {
        var filter = Filter(
            call, ImageFilter.References, ImageFilter.Label, ImageFilter.NotLabel, ImageFilter.Before, ImageFilter.Since, ImageFilter.Until, ImageFilter.Dangling, ImageFilter.Node);
        if (!filter.IsSuccess)
        {
            return filter.Error;
        }

        var images = queries.List(call.Caller, filter.Value);
        return images.IsSuccess ? call.Write(StatusCodes.Status200OK, json => Write(json, images.Value)) : images.Error;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<ImageSummary> images)
    {
        json.WriteStartArray();
        foreach (var image in images)
        {
            json.WriteStartObject();
            json.WriteString("Id", image.Id);
            json.WriteString("ParentId", image.ParentId);
            var isBare = image.Tags.Count + image.Digests.Count == 0;
            WriteTexts(json, "RepoTags", isBare ? ["<none>:<none>"] : image.Tags);
            WriteTexts(json, "RepoDigests", isBare ? ["<none>@<none>"] : image.Digests);
            json.WriteNumber("Created", (long)(image.CreatedAt - DateTime.UnixEpoch).TotalSeconds);
            json.WriteNumber("Size", image.SizeBytes);
            json.WriteNumber("VirtualSize", image.SizeBytes);
            json.WriteNumber("SharedSize", -1);
            json.WriteStartObject("Labels");
            foreach (var (name, value) in image.Labels)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteNumber("Containers", image.Containers);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private async Task<Error?> SearchAsync(DockerCall call)
    {
        var (term, limit, auth) = (call.Query.Text("term", 200), call.Query.Number("limit", 0, 100), RegistryHeaders.Auth(call));
        var filters = call.Query.Filters("is-official", "is-automated", "stars");
        return (term.Error ?? limit.Error ?? auth.Error ?? filters.Error) is { } error
            ? error
            : await PassAsync(call, DockerCall.Json, reads.SearchAsync(call.Caller, term.Value ?? "", limit.Value is 0 ? null : limit.Value, filters.Value, auth.Value, call.Aborted));
    }

    /// <summary><c>docker login</c>: the client keeps what a registry has taken; nothing is kept here.</summary>
    private async Task<Error?> LoginAsync(DockerCall call)
    {
        var login = await call.ReadAsync(EngineJson.Default.RegistryLogin);
        return login.IsSuccess ? await PassAsync(call, DockerCall.Json, reads.CheckLoginAsync(call.Caller, login.Value, call.Aborted)) : login.Error;
    }

    private async Task<Error?> DistributionAsync(DockerCall call)
    {
        var auth = RegistryHeaders.Auth(call);
        return auth.IsSuccess ? await PassAsync(call, DockerCall.Json, reads.DistributionAsync(call.Caller, call.Name, auth.Value, call.Aborted)) : auth.Error;
    }

    private async Task<Error?> TagAsync(DockerCall call)
    {
        var (repository, tag) = (call.Query.Text("repo", 300), call.Query.Text("tag", 200));
        if ((repository.Error ?? tag.Error) is { } error)
        {
            return error;
        }

        var tagged = await changes.TagAsync(call.Caller, call.Name, repository.Value ?? "", tag.Value, call.Aborted);
        return tagged.IsSuccess ? call.Status(StatusCodes.Status201Created) : tagged.Error;
    }

    private async Task<Error?> RemoveAsync(DockerCall call)
    {
        var removed = await changes.RemoveAsync(call.Caller, call.Name, call.Query.Flag("force"), call.Query.Flag("noprune"), call.Aborted);
        return removed.IsSuccess ? call.Write(StatusCodes.Status200OK, json => Write(json, removed.Value)) : removed.Error;
    }

    private async Task<Error?> PruneAsync(DockerCall call)
    {
        var filter = Filter(call, ImageFilter.Dangling, ImageFilter.Until, ImageFilter.Label, ImageFilter.NotLabel);
        if (!filter.IsSuccess)
        {
            return filter.Error;
        }

        var pruned = await pruning.PruneAsync(call.Caller, filter.Value, call.Aborted);
        return !pruned.IsSuccess ? pruned.Error : call.Write(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("ImagesDeleted");
            Write(json, pruned.Value.Removed);
            json.WriteNumber("SpaceReclaimed", pruned.Value.SpaceReclaimed);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<ImageRemoval> removed)
    {
        json.WriteStartArray();
        foreach (var (untagged, deleted) in removed)
        {
            json.WriteStartObject();
            if (untagged is not null)
            {
                json.WriteString("Untagged", untagged);
            }

            if (deleted is not null)
            {
                json.WriteString("Deleted", deleted);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private Result<ImageFilter> Filter(DockerCall call, params ReadOnlySpan<string> known)
    {
        var filters = call.Query.Filters(known);
        return filters.IsSuccess ? ImageFilter.Read(filters.Value, clock.GetUtcNow().UtcDateTime) : filters.Error;
    }

    private static async Task<Error?> PassAsync(DockerCall call, string contentType, Task<Result<TunnelReply>> opening)
    {
        var opened = await opening;
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        return await call.StreamAsync(StatusCodes.Status200OK, contentType, reply.Body);
    }
}
