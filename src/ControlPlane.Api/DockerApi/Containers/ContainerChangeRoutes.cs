using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Values;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Create, and everything that changes a container that exists.</summary>
internal sealed class ContainerChangeRoutes(
    ClusterState state, Authorizer authorizer, ContainerLookup lookup, ContainerCreation creation, ContainerActions actions, ContainerChanges changes,
    ImagePresence images, IOptions<DeadlineOptions> deadlines) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("POST", "/containers/create", Permission.ContainersCreate, Served.Nodes, CreateAsync),
        DockerRoute.Of("POST", "/containers/{id}/start", Permission.ContainersStart, Served.Nodes, StartAsync),
        DockerRoute.Of("POST", "/containers/{id}/stop", Permission.ContainersStop, Served.Nodes, StopAsync),
        DockerRoute.Of("POST", "/containers/{id}/restart", Permission.ContainersRestart, Served.Nodes, RestartAsync),
        DockerRoute.Of("POST", "/containers/{id}/kill", Permission.ContainersKill, Served.Nodes, KillAsync),
        DockerRoute.Of("POST", "/containers/{id}/pause", Permission.ContainersPause, Served.Nodes, call => ActAsync(call, new ContainerAction.Pause())),
        DockerRoute.Of("POST", "/containers/{id}/unpause", Permission.ContainersUnpause, Served.Nodes, call => ActAsync(call, new ContainerAction.Unpause())),
        DockerRoute.Of("POST", "/containers/{id}/rename", Permission.ContainersRename, Served.Nodes, RenameAsync),
        DockerRoute.Of("POST", "/containers/{id}/update", Permission.ContainersUpdate, Served.Nodes, UpdateAsync),
        DockerRoute.Of("DELETE", "/containers/{id}", Permission.ContainersRemove, Served.Nodes, RemoveAsync),
        DockerRoute.Of("POST", "/containers/prune", Permission.ContainersPrune, Served.Nodes, PruneAsync),
    ];

    private async Task<Error?> CreateAsync(DockerCall call)
    {
        var name = call.Query.Text("name", ContainerName.MaxLength + 1);
        var platform = call.Query.Text("platform", 100);
        var spec = await call.ReadAsync(EngineJson.Default.ContainerSpec);
        if ((name.Error ?? platform.Error ?? spec.Error) is { } bad)
        {
            return bad;
        }

        // As the engine: clients pull when they are told so, with the credentials that only they have.
        var image = spec.Value.Image ?? "";
        if (images.Find(call.Caller, image) is null && image.Length > 0)
        {
            return new NotFoundError("image.not_found", $"No such image: {ImagePresence.Named(image)}");
        }

        var mayPull = authorizer.CheckAnywhere(call.Caller, Permission.ImagesPull) is null;
        var request = new EngineCreate(spec.Value, name.Value?.TrimStart('/'), platform.Value, mayPull)
        {
            ImageId = images.Find(call.Caller, image) is { Length: > 0 } id ? id : null,
        };
        var created = await creation.CreateAsync(call.Caller, request, TimeSpan.FromSeconds(deadlines.Value.PullSeconds), call.Aborted);
        if (!created.IsSuccess)
        {
            return created.Error is ConflictError { Code: "container.name_taken" } taken
                ? taken with { Message = $"Conflict. {taken.Message}" }
                : created.Error;
        }

        if (state.Current.Container(created.Value.Id)?.EngineId is not { } engineId)
        {
            return new UnavailableError("operation.running", $"The container is still being made: operation {created.Value.Operation.Id}. {created.Value.Operation.Message}".TrimEnd());
        }

        return call.Write(201, json =>
        {
            json.WriteStartObject();
            json.WriteString("Id", engineId);
            json.WriteStartArray("Warnings");
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private async Task<Error?> StartAsync(DockerCall call)
    {
        if (call.HasBody && await call.Body.ReadAsync(new byte[1], call.Aborted) > 0)
        {
            return new InvalidError("$", "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
        }

        return call.Query.Texts("checkpoint").Count > 0
            ? new InvalidError("checkpoint", "Checkpoints are not served here.")
            : await ActAsync(call, new ContainerAction.Start(), already: container => container.State == "running");
    }

    private async Task<Error?> StopAsync(DockerCall call)
    {
        var timeout = Timeout(call);
        return timeout.IsSuccess
            ? await ActAsync(call, new ContainerAction.Stop(timeout.Value), already: container => container.State is "exited" or "created" or "dead")
            : timeout.Error;
    }

    private async Task<Error?> RestartAsync(DockerCall call)
    {
        var timeout = Timeout(call);
        return timeout.IsSuccess ? await ActAsync(call, new ContainerAction.Restart(timeout.Value)) : timeout.Error;
    }

    private static Result<int?> Timeout(DockerCall call)
    {
        var timeout = call.Query.Number("t", -1, 24 * 3600);

        // -1: wait as long as it takes; a day is what we wait.
        return timeout is { IsSuccess: true, Value: -1 } ? 24 * 3600 : timeout;
    }

    private async Task<Error?> KillAsync(DockerCall call)
    {
        var signal = call.Query.Text("signal", 20);
        return !signal.IsSuccess ? signal.Error
            : signal.Value is { } name && !Signal.TryParse(name, out _) ? new InvalidError("signal", $"Invalid signal: {name}")
            : await ActAsync(call, new ContainerAction.Kill(signal.Value ?? "SIGKILL"));
    }

    private async Task<Error?> RenameAsync(DockerCall call)
    {
        var name = call.Query.Text("name", ContainerName.MaxLength + 1);
        var found = lookup.Find(call.Caller, call.Name);
        if ((name.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var renamed = await changes.RenameAsync(
            call.Caller, found.Value.Id, new ContainerRenameRequest { Name = (name.Value ?? "").TrimStart('/') }, ContainerChanges.AnyRevision, call.Aborted);
        return renamed.IsSuccess ? call.Status(204) : renamed.Error;
    }

    private async Task<Error?> UpdateAsync(DockerCall call)
    {
        var change = await call.ReadAsync(EngineJson.Default.UpdateSpec);
        var found = lookup.Find(call.Caller, call.Name);
        if ((change.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var updated = await changes.UpdateAsync(call.Caller, found.Value.Id, change.Value, call.Aborted);
        return !updated.IsSuccess
            ? updated.Error
            : call.Write(200, json =>
            {
                json.WriteStartObject();
                json.WriteNull("Warnings");
                json.WriteEndObject();
            });
    }

    private async Task<Error?> RemoveAsync(DockerCall call)
    {
        if (call.Query.Flag("link"))
        {
            return new InvalidError("link", "Removing links is not served here: remove the container.");
        }

        return await ActAsync(call, new ContainerAction.Remove(call.Query.Flag("force"), call.Query.Flag("v")));
    }

    /// <summary>Every stopped container that the caller may remove; what the caller may not see is not there.</summary>
    private async Task<Error?> PruneAsync(DockerCall call)
    {
        var filters = call.Query.Filters("label", "label!", "until");
        if (!filters.IsSuccess)
        {
            return filters.Error;
        }

        var until = Until.Of(filters.Value, call.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        if (!until.IsSuccess)
        {
            return until.Error;
        }

        var sight = new CollectionSight(authorizer, call.Caller, Permission.ContainersPrune);
        var removed = new List<string>();
        foreach (var container in state.Current.AllContainers.Where(container =>
            container.State is "exited" or "created" or "dead" && sight.Of(container.Collection) && container.CreatedAt < until.Value
            && filters.Value.GetValueOrDefault("label", []).All(label => ContainerListFilter.HasLabel(container, label))
            && !filters.Value.GetValueOrDefault("label!", []).Any(label => ContainerListFilter.HasLabel(container, label))).ToList())
        {
            // What somebody starts meanwhile stays: it is not forced.
            if (container.EngineId is { } engineId && (await actions.RunAsync(call.Caller, container.Id, new ContainerAction.Remove(), null, call.Aborted)).IsSuccess)
            {
                removed.Add(engineId);
            }
        }

        return call.Write(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("ContainersDeleted");
            foreach (var id in removed)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteNumber("SpaceReclaimed", 0);
            json.WriteEndObject();
        });
    }

    private async Task<Error?> ActAsync(DockerCall call, ContainerAction action, Func<ContainerRecord, bool>? already = null)
    {
        var found = lookup.Find(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        // Asked before the command: the engine is asked all the same, which knows better.
        var was = already?.Invoke(found.Value) == true;
        var done = await actions.RunAsync(call.Caller, found.Value.Id, action, null, call.Aborted);
        return done.IsSuccess ? call.Status(was ? 304 : 204) : done.Error;
    }
}
