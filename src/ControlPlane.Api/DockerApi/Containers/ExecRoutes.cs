using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Api.DockerApi.Takeover;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Values;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Commands in running containers.</summary>
internal sealed class ExecRoutes(ContainerLookup lookup, ContainerExecs execs) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("POST", "/containers/{id}/exec", Permission.ContainersExec, Served.Nodes, CreateAsync),
        DockerRoute.Of("POST", "/exec/{id}/start", Permission.ContainersExec, Served.Nodes, StartAsync) with { Streams = true, TakesOver = true },
        DockerRoute.Of("GET", "/exec/{id}/json", Permission.ContainersInspect, Served.Nodes, InspectAsync),
        DockerRoute.Of("POST", "/exec/{id}/resize", Permission.ContainersExec, Served.Nodes, ResizeAsync),
    ];

    private async Task<Error?> CreateAsync(DockerCall call)
    {
        var spec = await call.ReadAsync(EngineJson.Default.ExecSpec);
        var found = lookup.Find(call.Caller, call.Name);
        if ((spec.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var made = await execs.CreateAsync(call.Caller, found.Value.Id, spec.Value, AdmissionForm.Engine, call.Aborted);
        return !made.IsSuccess
            ? made.Error
            : call.Write(201, json =>
            {
                json.WriteStartObject();
                json.WriteString("Id", made.Value);
                json.WriteEndObject();
            });
    }

    private async Task<Error?> StartAsync(DockerCall call)
    {
        var start = await call.ReadAsync(EngineJson.Default.ExecStartSpec);
        if (!start.IsSuccess)
        {
            return start.Error;
        }

        if (!EngineId.IsValid(call.Name))
        {
            return new NotFoundError("exec.not_found", $"No such exec instance: {call.Name}");
        }

        if (start.Value.ConsoleSize is { } given && (given.Count != 2 || given.Any(side => side is < 0 or > 65535)))
        {
            return new InvalidError("ConsoleSize", "must be two numbers from 0 to 65535");
        }

        var size = start.Value.ConsoleSize is [var height, var width] ? (height, width) : (0, 0);
        var request = new StartExec(call.Name, start.Value.Detach == true, start.Value.Tty == true) { Height = size.Item1, Width = size.Item2 };
        var begun = await execs.StartAsync(call.Caller, request, call.Aborted);
        if (!begun.IsSuccess)
        {
            return begun.Error;
        }

        await using var exchange = begun.Value;
        var head = await exchange.HeadAsync(call.Aborted);
        if (!head.IsSuccess)
        {
            return head.Error;
        }

        if (head.Value.Status != StatusCodes.Status101SwitchingProtocols)
        {
            return head.Value.Status is >= 200 and < 300 ? call.Status(200) : await ContainerStreams.ErrorOfAsync(head.Value, exchange.Body, "engine", call.Aborted);
        }

        await StreamTakeover.RunAsync(call.Http, exchange, ContainerReadRoutes.StreamType(call, request.Tty));
        return null;
    }

    private async Task<Error?> InspectAsync(DockerCall call)
    {
        var document = await execs.InspectAsync(call.Caller, call.Name, call.Aborted);
        return document.IsSuccess ? call.WriteRaw(200, document.Value) : document.Error;
    }

    private async Task<Error?> ResizeAsync(DockerCall call)
    {
        var (height, width) = (call.Query.Number("h", 0, 65535), call.Query.Number("w", 0, 65535));
        if ((height.Error ?? width.Error) is { } bad)
        {
            return bad;
        }

        var resized = await execs.ResizeAsync(call.Caller, call.Name, height.Value ?? 0, width.Value ?? 0, call.Aborted);
        return resized.IsSuccess ? call.Status(200) : resized.Error;
    }
}
