using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Images;

/// <summary>Images on their way: pull, push, load, import.</summary>
internal sealed class ImageStreamRoutes(ImagePulls pulls, ImagePushes pushes, ImageLoads loads) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        // A pull or an import; an import needs images.load besides.
        DockerRoute.Of("POST", "/images/create", Permission.ImagesPull, Served.Nodes, CreateAsync) with { Streams = true, MaxBody = null },
        DockerRoute.Of("POST", "/images/{name}/push", Permission.ImagesPush, Served.Nodes, PushAsync) with { Streams = true },
        DockerRoute.Of("POST", "/images/load", Permission.ImagesLoad, Served.Nodes, LoadAsync) with { Streams = true, MaxBody = null },
    ];

    private Task<Error?> CreateAsync(DockerCall call)
    {
        var (image, source) = (call.Query.Text("fromImage", 300), call.Query.Text("fromSrc", 2048));
        Error? error = (image.Error ?? source.Error) is { } wrong ? wrong
            : (image.Value, source.Value) switch
            {
                (null, null) => new InvalidError("fromImage", "or fromSrc must be given"),
                (not null, not null) => new InvalidError("fromImage", "and fromSrc exclude each other"),
                (null, not "-") => new InvalidError("fromSrc", "must be '-': the engine would fetch from an address itself. Fetch it, and send it: curl … | docker import - name"),
                _ => null,
            };
        return error is not null ? Task.FromResult<Error?>(error) : image.Value is { } name ? PullAsync(call, name) : ImportAsync(call);
    }

    private async Task<Error?> PullAsync(DockerCall call, string name)
    {
        var (tag, platform, auth) = (call.Query.Text("tag", 200), call.Query.Text("platform", 100), RegistryHeaders.Auth(call));
        if ((tag.Error ?? platform.Error ?? auth.Error) is { } error)
        {
            return error;
        }

        if (call.HasBody && await call.Body.ReadAsync(new byte[1], call.Aborted) > 0)
        {
            return new InvalidError("$", "a pull has no body");
        }

        var answer = new LineAnswer(call);
        return await answer.EndAsync(await pulls.PullAsync(call.Caller, new ImagePullRequest(name, tag.Value, platform.Value, auth.Value), answer.WriteAsync, call.Aborted));
    }

    private async Task<Error?> ImportAsync(DockerCall call)
    {
        var (repository, tag, message, platform) = (call.Query.Text("repo", 300), call.Query.Text("tag", 200), call.Query.Text("message"), call.Query.Text("platform", 100));
        if ((repository.Error ?? tag.Error ?? message.Error ?? platform.Error) is { } error)
        {
            return error;
        }

        call.Unhurried();
        var request = new ImageImportRequest(repository.Value, tag.Value, message.Value, call.Query.Texts("changes"), platform.Value);
        var answer = new LineAnswer(call);
        return await answer.EndAsync(await loads.ImportAsync(call.Caller, request, call.Body, answer.WriteAsync, call.Aborted));
    }

    private async Task<Error?> PushAsync(DockerCall call)
    {
        var (tag, platform, auth) = (call.Query.Text("tag", 200), call.Query.Text("platform", 1000), RegistryHeaders.Auth(call));
        if ((tag.Error ?? platform.Error ?? auth.Error) is { } error)
        {
            return error;
        }

        if (platform.Value is not null)
        {
            return new InvalidError("platform", "must not be given: what the node has is pushed");
        }

        var answer = new LineAnswer(call);
        return await answer.EndAsync(await pushes.PushAsync(call.Caller, call.Name, tag.Value, auth.Value, answer.WriteAsync, call.Aborted));
    }

    private async Task<Error?> LoadAsync(DockerCall call)
    {
        call.Unhurried();
        var answer = new LineAnswer(call);
        return await answer.EndAsync(await loads.LoadAsync(call.Caller, call.Query.Flag("quiet"), call.Body, answer.WriteAsync, call.Aborted));
    }
}
