using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Auth;

/// <summary>Name and password.</summary>
internal sealed record LoginRequest(string Name, string Password)
{
    public override string ToString() => nameof(LoginRequest);
}

/// <summary>The caller.</summary>
internal sealed record Me(string Id, string Name, bool IsAdministrator, string Credential);

/// <summary>Signing in and out.</summary>
internal static class AuthEndpoints
{
    private const int MaxLoginBytes = 4096;

    public static void MapAuth(this RouteGroupBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Auth");
        auth.MapPost("/login", LoginAsync).WithName("Login").Accepts<LoginRequest>("application/json").Open("this is how one signs in");
        auth.MapPost("/logout", LogoutAsync).WithName("Logout").RequireSignIn("ends the caller's own session");
        auth.MapGet("/me", (Caller caller) => TypedResults.Ok(new Me(caller.Id, caller.Name, caller.IsAdministrator, caller.Kind.ToString())))
            .WithName("GetMe").RequireSignIn("says who the caller is");
    }

    private static async Task<Results<Ok<Me>, ProblemResult>> LoginAsync(HttpContext context, Core.Identity.SignIn signIn, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<LoginRequest>(context, MaxLoginBytes);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        var ticket = await signIn.PasswordAsync(
            body.Value.Name, body.Value.Password, context.GetRemoteAddress(), context.Request.Headers.UserAgent.ToString(), context.GetRequestId(), cancellationToken);
        if (!ticket.IsSuccess)
        {
            return ticket.Error.ToProblem();
        }

        // The old session of this browser ends; the new one has a new id.
        await signIn.SignOutAsync(context.GetCaller(), cancellationToken);
        SessionCookie.Append(context.Response, ticket.Value);
        var user = ticket.Value.User;
        return TypedResults.Ok(new Me(user.Id, user.Name, user.IsAdministrator, nameof(CallerKind.Session)));
    }

    private static async Task<NoContent> LogoutAsync(HttpContext context, Core.Identity.SignIn signIn, CancellationToken cancellationToken)
    {
        await signIn.SignOutAsync(context.GetCaller(), cancellationToken);
        SessionCookie.Delete(context.Response);
        return TypedResults.NoContent();
    }
}
