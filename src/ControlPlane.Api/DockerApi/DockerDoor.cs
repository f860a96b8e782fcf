using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Api.SignIn;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.DockerApi;

/// <summary>
/// The Docker endpoint: reads the path once, finds out who asks, finds the route in the table, lets in who may, and answers in the engine's shape.
/// What is not in the table is refused.
/// </summary>
internal sealed partial class DockerDoor(
    DockerRouter router, ClientCertificates certificates, ApiTokens tokens, CallerLifetimes lifetimes, CredentialState credentials, AccessGate gate, ILogger<DockerDoor> logger)
{
    /// <summary>Whether a request is this door's.</summary>
    public static bool IsOurs(HttpContext context) =>
        DockerListener.Took(context) || DockerPath.IsOurs(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers["Api-Version"] = DockerVersion.Newest.ToString();
        context.Response.Headers["Docker-Experimental"] = "false";
        context.Response.Headers["Ostype"] = "linux";
        context.Response.Headers.Server = "ControlPlane";
        try
        {
            if (await ServeAsync(context) is { } error)
            {
                await DockerErrors.WriteAsync(context, error);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (BadHttpRequestException bad)
        {
            await DockerErrors.WriteAsync(context, bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new EngineError("request.too_large", "The body is too large.", bad.StatusCode)
                : new InvalidError("$", bad.Message));
        }
        catch (IOException) when (context.Response.HasStarted)
        {
            // The node or its tunnel broke off in the middle of an answer: so does the answer.
            context.Abort();
        }
        catch (IOException broken)
        {
            await DockerErrors.WriteAsync(context, new UnavailableError("tunnel.broken", broken.Message));
        }
        catch (Exception fault) when (DatabaseErrors.Of(fault) is { } error)
        {
            LogDatabase(context.GetRequestId(), fault.GetBaseException().Message);
            await DockerErrors.WriteAsync(context, error);
        }
        catch (Exception unexpected)
        {
            LogFailed(unexpected, context.Request.Method, context.GetRequestId());
            await DockerErrors.WriteAsync(context, new EngineError("internal", $"Something went wrong here; the server's log has it under request {context.GetRequestId()}.", 500));
        }
    }

    private async Task<Error?> ServeAsync(HttpContext context)
    {
        if (context.Request.Headers.Origin.Count > 0)
        {
            // A browser with a client certificate would show it to us on behalf of any page.
            return new ForbiddenError("docker.browser", "Browsers are not served here.");
        }

        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        if (!DockerPath.TryRead(request.RawTarget, out var path, out var problem))
        {
            return new InvalidError("path", problem);
        }

        if (Version(context, path) is { } refusedVersion)
        {
            return refusedVersion;
        }

        var caller = await CallerAsync(context);
        if (router.Find(context.Request.Method, path.Path) is not var (route, name))
        {
            return caller is null ? Unauthenticated() : new NotFoundError("docker.route_unknown", $"There is no {context.Request.Method} {path.Path} here.");
        }

        if (!route.IsOpen && await RefusalAsync(context, caller, route) is { } refused)
        {
            return refused;
        }

        if (route.TakesOver && !HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            return new InvalidError("$", "needs HTTP/1.1: the connection is taken over");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = route.MaxBody;
        }

        var call = new DockerCall(context, context.GetCaller(), path.Version ?? DockerVersion.Newest, name);
        return route.Streams ? await StreamAsync(route, call) : await route.Handler(call);
    }

    /// <summary>Who may not stay connected is not let in: streams end with the credential they were opened by.</summary>
    private async Task<Error?> StreamAsync(DockerRoute route, DockerCall call)
    {
        using var lease = lifetimes.Open(call.Caller);
        if (call.Caller.CredentialId is { } credential && !await CallerStreams.IsAliveAsync(credentials, credential, call.Aborted))
        {
            return Unauthenticated();
        }

        await using var end = lease.Ended.Register(static state => ((HttpContext)state!).Abort(), call.Http);
        return await route.Handler(call);
    }

    private static InvalidError? Version(HttpContext context, DockerPath path)
    {
        if (path.Version is not { } version)
        {
            return path.Path is "/_ping" or "/version" || DockerListener.Took(context) ? null : new InvalidError("path", "must begin with a version such as /v1.41");
        }

        return version < DockerVersion.Oldest ? new InvalidError("$", $"client version {version} is too old. Minimum supported API version is {DockerVersion.Oldest}, please upgrade your client to a newer version")
            : version > DockerVersion.Newest ? new InvalidError("$", $"client version {version} is too new. Maximum supported API version is {DockerVersion.Newest}")
            : null;
    }

    /// <summary>A certificate where TLS has asked for one, else a bearer token; never a cookie.</summary>
    private async ValueTask<Caller?> CallerAsync(HttpContext context)
    {
        var caller = DockerListener.Took(context)
            ? context.Connection.ClientCertificate is { } certificate ? await certificates.FindAsync(certificate, context.RequestAborted) : null
            : context.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                ? await tokens.FindAsync(header["Bearer ".Length..].Trim(), context.GetRemoteAddress(), context.RequestAborted)
                : null;
        if (caller is not null)
        {
            context.SetCaller(caller);
        }

        return caller;
    }

    private async ValueTask<Error?> RefusalAsync(HttpContext context, Caller? caller, DockerRoute route)
    {
        if (caller is null)
        {
            return Unauthenticated();
        }

        caller = context.GetCaller();
        if (route.Permission is not { } permission)
        {
            return Authorizer.CheckComplete(caller);
        }

        var target = new AuditObject("endpoint", $"docker {route.Method} {route.Pattern}");
        return await gate.RequireAnywhereAsync(caller, permission, target, context.RequestAborted);
    }

    private static UnauthenticatedError Unauthenticated() =>
        new("auth.required", "Show a client certificate on the Docker port, or send an API token: \"HttpHeaders\": {\"Authorization\": \"Bearer …\"} in the docker client's config.json.");

    [LoggerMessage(LogLevel.Error, "{Method} at the Docker endpoint failed, request {RequestId}.")]
    private partial void LogFailed(Exception error, string method, string requestId);

    [LoggerMessage(LogLevel.Warning, "The database failed for request {RequestId} at the Docker endpoint: {Cause}")]
    private partial void LogDatabase(string requestId, string cause);
}
