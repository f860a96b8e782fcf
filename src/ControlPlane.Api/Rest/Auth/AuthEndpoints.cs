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

/// <summary>A code of the second factor, or a recovery code.</summary>
internal sealed record CodeRequest(string Code)
{
    public override string ToString() => nameof(CodeRequest);
}

/// <summary>The new password that has to be set before the sign-in counts.</summary>
internal sealed record PendingPasswordRequest(string NewPassword)
{
    public override string ToString() => nameof(PendingPasswordRequest);
}

/// <summary>The caller.</summary>
/// <param name="Id">Of the account.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsAdministrator">May everything.</param>
/// <param name="Credential">How they came.</param>
/// <param name="Pending">What has to be done before anything else: <c>second_factor</c>, <c>password_change</c>; null = nothing.</param>
/// <param name="Teams">Names of the teams they belong to.</param>
internal sealed record Me(string Id, string Name, bool IsAdministrator, string Credential, string? Pending, IReadOnlyList<string> Teams);

/// <summary>A step of signing in was done.</summary>
/// <param name="Me">The caller, with what is still pending.</param>
/// <param name="RecoveryCodes">When the second factor was set up just now; shown once.</param>
internal sealed record FinishedStepView(Me Me, IReadOnlyList<string>? RecoveryCodes)
{
    public override string ToString() => nameof(FinishedStepView);
}

/// <summary>Signing in and out.</summary>
internal static class AuthEndpoints
{
    private const int MaxLoginBytes = 4096;

    public static void MapAuth(this RouteGroupBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Auth").WithMetadata(new NeverKept());
        auth.MapPost("/login", LoginAsync).WithName("Login").Accepts<LoginRequest>("application/json").Open("this is how one signs in");
        auth.MapPost("/logout", LogoutAsync).WithName("Logout").RequireSignIn("ends the caller's own session").AllowPending();
        auth.MapGet("/me", (Caller caller, AccessStore access) => TypedResults.Ok(Of(caller, access)))
            .WithName("GetMe").RequireSignIn("says who the caller is").AllowPending();
        auth.MapPost("/second-factor", SecondFactorAsync).WithName("ShowSecondFactor").Accepts<CodeRequest>("application/json")
            .RequireSignIn("finishes the caller's own sign-in").AllowPending();
        auth.MapPost("/second-factor/setup", SetupAsync).WithName("SetUpSecondFactorAtSignIn")
            .RequireSignIn("finishes the caller's own sign-in").AllowPending();
        auth.MapPost("/password", PasswordAsync).WithName("SetPendingPassword").Accepts<PendingPasswordRequest>("application/json")
            .RequireSignIn("finishes the caller's own sign-in").AllowPending();
    }

    private static async Task<Results<Ok<Me>, ProblemResult>> LoginAsync(
        HttpContext context, Core.Identity.SignIn signIn, AccessStore access, CancellationToken cancellationToken)
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
        return TypedResults.Ok(Of(ticket.Value, access));
    }

    private static async Task<NoContent> LogoutAsync(HttpContext context, Core.Identity.SignIn signIn, CancellationToken cancellationToken)
    {
        await signIn.SignOutAsync(context.GetCaller(), cancellationToken);
        SessionCookie.Delete(context.Response);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<FinishedStepView>, ProblemResult>> SecondFactorAsync(
        HttpContext context, Caller caller, PendingSignIn steps, AccessStore access, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<CodeRequest>(context, MaxLoginBytes);
        return body.IsSuccess
            ? (await steps.SecondFactorAsync(caller, body.Value.Code, cancellationToken)).ToHttp(step => Finished(context, step, access))
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<SecondFactorSetup>, ProblemResult>> SetupAsync(Caller caller, PendingSignIn steps, CancellationToken cancellationToken) =>
        (await steps.BeginSetupAsync(caller, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<FinishedStepView>, ProblemResult>> PasswordAsync(
        HttpContext context, Caller caller, PendingSignIn steps, AccessStore access, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<PendingPasswordRequest>(context, MaxLoginBytes);
        return body.IsSuccess
            ? (await steps.PasswordAsync(caller, body.Value.NewPassword, cancellationToken)).ToHttp(step => Finished(context, step, access))
            : body.Error.ToProblem();
    }

    private static Ok<FinishedStepView> Finished(HttpContext context, FinishedStep step, AccessStore access)
    {
        SessionCookie.Append(context.Response, step.Ticket);
        return TypedResults.Ok(new FinishedStepView(Of(step.Ticket, access), step.RecoveryCodes));
    }

    private static Me Of(Caller caller, AccessStore access) =>
        new(caller.Id, caller.Name, caller.IsAdministrator, caller.Kind.ToString(), caller.Pending, Teams(caller.Id, access));

    private static Me Of(SessionTicket ticket, AccessStore access) => new(
        ticket.User.Id, ticket.User.Name, ticket.User.IsAdministrator, nameof(CallerKind.Session), ticket.Pending, Teams(ticket.User.Id, access));

    private static IReadOnlyList<string> Teams(string userId, AccessStore access) =>
        [.. access.Current.TeamsOf(userId).Select(id => access.Current.Teams.GetValueOrDefault(id)?.Name).OfType<string>().Order(StringComparer.OrdinalIgnoreCase)];
}
