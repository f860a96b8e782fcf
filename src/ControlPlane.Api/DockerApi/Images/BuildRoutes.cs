using System.Text;
using System.Text.Json;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Json;

namespace ControlPlane.Api.DockerApi.Images;

/// <summary>Images that are made: build and commit; and what builds leave behind.</summary>
internal sealed class BuildRoutes(ImageBuilds builds, ImageCommits commits, BuildCache cache, DiskUsages usages) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("POST", "/build", Permission.ImagesBuild, Served.Nodes, BuildAsync) with { Streams = true, MaxBody = null },
        DockerRoute.Of("POST", "/build/prune", Permission.ImagesPrune, Served.Nodes, PruneAsync),
        DockerRoute.Refuse("POST", "/build/cancel", "Builds are not cancelled by id: a build ends when its client goes away."),
        DockerRoute.Of("POST", "/commit", Permission.ContainersCommit, Served.Nodes, CommitAsync),
        DockerRoute.Of("GET", "/system/df", Permission.NodesRead, Served.Nodes, DiskUsageAsync),
    ];

    private async Task<Error?> BuildAsync(DockerCall call)
    {
        var request = BuildParameters.Read(call);
        if (!request.IsSuccess)
        {
            return request.Error;
        }

        call.Unhurried();
        var answer = new LineAnswer(call);
        return await answer.EndAsync(await builds.BuildAsync(call.Caller, request.Value, call.Body, answer.WriteAsync, call.Aborted));
    }

    private async Task<Error?> PruneAsync(DockerCall call)
    {
        var filters = call.Query.Filters("until", "id", "parent", "type", "description", "inuse", "shared", "private", "unused-for");
        if (!filters.IsSuccess)
        {
            return filters.Error;
        }

        foreach (var key in (ReadOnlySpan<string>)["keep-storage", "reserved-space", "max-used-space", "min-free-space"])
        {
            var text = call.Query.Text(key, 40);
            if (text.Error is not null || text.Value is not (null or "0"))
            {
                return new InvalidError(key, "is not supported here: the cache is emptied of what is not in use, or with 'all' of everything");
            }
        }

        if (filters.Value.Count > 0)
        {
            return new InvalidError("filters", "are not supported here: the cache is emptied of what is not in use, or with 'all' of everything");
        }

        var pruned = await cache.PruneAsync(call.Caller, call.Query.Flag("all"), call.Aborted);
        return !pruned.IsSuccess ? pruned.Error : call.Write(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("CachesDeleted");
            foreach (var id in pruned.Value.Deleted)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteNumber("SpaceReclaimed", pruned.Value.SpaceReclaimed);
            json.WriteEndObject();
        });
    }

    private async Task<Error?> CommitAsync(DockerCall call)
    {
        var texts = new[] { "container", "repo", "tag", "comment", "author" }.ToDictionary(key => key, key => call.Query.Text(key), StringComparer.Ordinal);
        if (texts.Values.Select(text => text.Error).FirstOrDefault(error => error is not null) is { } wrong)
        {
            return wrong;
        }

        var config = await ConfigAsync(call);
        if (!config.IsSuccess)
        {
            return config.Error;
        }

        var changes = call.Query.Texts("changes");
        var made = await commits.CommitAsync(
            call.Caller,
            new CommitSpec
            {
                Container = texts["container"].Value,
                Repo = texts["repo"].Value,
                Tag = texts["tag"].Value,
                Comment = texts["comment"].Value,
                Author = texts["author"].Value,
                Pause = call.Query.Flag("pause", absent: true),
                Changes = changes.Count == 0 ? null : string.Join('\n', changes),
                Config = config.Value,
            },
            call.Aborted);
        return made.IsSuccess
            ? call.Write(StatusCodes.Status201Created, json =>
            {
                json.WriteStartObject();
                json.WriteString("Id", made.Value);
                json.WriteEndObject();
            })
            : made.Error;
    }

    /// <summary>Clients send nothing, <c>null</c>, or a configuration.</summary>
    private static async Task<Result<ContainerSpec?>> ConfigAsync(DockerCall call)
    {
        using var body = new MemoryStream();
        await call.Body.CopyToAsync(body, call.Aborted);
        var json = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (Encoding.ASCII.GetString(json.Span[..Math.Min(json.Length, 16)]).Trim() is "" or "null")
        {
            return (ContainerSpec?)null;
        }

        var parsed = StrictJson.Read(json.Span, EngineJson.Default.ContainerSpec);
        return parsed.IsValid ? parsed.Value : new InvalidError([.. parsed.Errors.Select(error => new FieldError(error.Path, error.Message))]);
    }

    private async Task<Error?> DiskUsageAsync(DockerCall call)
    {
        var usage = await usages.GetAsync(call.Caller, call.Query.Texts("type"), call.Aborted);
        return usage.IsSuccess ? call.WriteRaw(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(usage.Value)) : usage.Error;
    }
}
