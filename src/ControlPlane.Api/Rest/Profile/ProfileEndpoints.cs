using ControlPlane.Api.Rest.Auth;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Api.Rest.Users;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Profile;

/// <summary>The old password and the new one.</summary>
internal sealed record ChangePasswordRequest(string CurrentPassword, string NewPassword)
{
    public override string ToString() => nameof(ChangePasswordRequest);
}

/// <summary>For who signed in a while ago.</summary>
internal sealed record BeginSecondFactorRequest(string? CurrentPassword = null)
{
    public override string ToString() => nameof(BeginSecondFactorRequest);
}

/// <summary>Both factors.</summary>
internal sealed record SecondFactorRequest(string Code, string? CurrentPassword = null)
{
    public override string ToString() => nameof(SecondFactorRequest);
}

/// <summary>Codes that replace the second factor once each; shown once.</summary>
internal sealed record RecoveryCodesView(IReadOnlyList<string> RecoveryCodes)
{
    public override string ToString() => nameof(RecoveryCodesView);
}

/// <summary>What people change about their own account.</summary>
internal static class ProfileEndpoints
{
    private const int MaxBytes = 4096;

    public static void MapProfile(this RouteGroupBuilder api)
    {
        var profile = api.MapGroup("/profile").WithTags("Profile").RequireSignIn("everybody manages their own account").WithMetadata(new NeverKept());
        profile.MapGet("/", GetAsync).WithName("GetProfile");
        profile.MapPatch("/", UpdateAsync).WithName("UpdateProfile").Accepts<ProfilePatch>("application/merge-patch+json", "application/json");
        profile.MapPost("/password", ChangePasswordAsync).WithName("ChangePassword").Accepts<ChangePasswordRequest>("application/json");
        profile.MapGet("/second-factor", GetSecondFactorAsync).WithName("GetSecondFactor");
        profile.MapPost("/second-factor", BeginSecondFactorAsync).WithName("BeginSecondFactor").Accepts<BeginSecondFactorRequest>("application/json");
        profile.MapPost("/second-factor/confirm", ConfirmSecondFactorAsync).WithName("ConfirmSecondFactor").Accepts<CodeRequest>("application/json");
        profile.MapPost("/second-factor/disable", DisableSecondFactorAsync).WithName("DisableSecondFactor").Accepts<SecondFactorRequest>("application/json");
        profile.MapPost("/second-factor/recovery-codes", RegenerateAsync).WithName("RegenerateRecoveryCodes").Accepts<SecondFactorRequest>("application/json");
    }

    private static async Task<Results<Ok<UserView>, ProblemResult>> GetAsync(
        HttpContext context, Caller caller, UserQueries users, CancellationToken cancellationToken) =>
        (await users.GetOwnAsync(caller, cancellationToken)).ToHttp(user => UserEndpoints.Tagged(context, user));

    private static async Task<Results<Ok<UserView>, ProblemResult>> UpdateAsync(
        HttpContext context, Caller caller, Core.Identity.Users users, CancellationToken cancellationToken)
    {
        var patch = await StrictBody.ReadAsync<ProfilePatch>(context, MaxBytes);
        return patch.IsSuccess
            ? (await users.UpdateOwnAsync(caller, patch.Value, cancellationToken)).ToHttp(user => UserEndpoints.Tagged(context, user))
            : patch.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> ChangePasswordAsync(
        HttpContext context, Caller caller, OwnPassword password, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<ChangePasswordRequest>(context, MaxBytes);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        return (await password.ChangeAsync(caller, body.Value.CurrentPassword, body.Value.NewPassword, cancellationToken)).ToHttp(ticket =>
        {
            SessionCookie.Append(context.Response, ticket);
            return TypedResults.NoContent();
        });
    }

    private static async Task<Results<Ok<SecondFactorView>, ProblemResult>> GetSecondFactorAsync(
        Caller caller, SecondFactors factors, CancellationToken cancellationToken) =>
        (await factors.GetAsync(caller, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<SecondFactorSetup>, ProblemResult>> BeginSecondFactorAsync(
        HttpContext context, Caller caller, SecondFactors factors, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<BeginSecondFactorRequest>(context, MaxBytes);
        return body.IsSuccess
            ? (await factors.BeginAsync(caller, body.Value.CurrentPassword, cancellationToken)).ToHttp(TypedResults.Ok)
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<RecoveryCodesView>, ProblemResult>> ConfirmSecondFactorAsync(
        HttpContext context, Caller caller, SecondFactors factors, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<CodeRequest>(context, MaxBytes);
        return body.IsSuccess
            ? (await factors.ConfirmAsync(caller, body.Value.Code, cancellationToken)).ToHttp(codes => TypedResults.Ok(new RecoveryCodesView(codes)))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DisableSecondFactorAsync(
        HttpContext context, Caller caller, SecondFactors factors, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<SecondFactorRequest>(context, MaxBytes);
        return body.IsSuccess
            ? (await factors.DisableAsync(caller, body.Value.CurrentPassword, body.Value.Code, cancellationToken)).ToHttp()
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<RecoveryCodesView>, ProblemResult>> RegenerateAsync(
        HttpContext context, Caller caller, SecondFactors factors, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<SecondFactorRequest>(context, MaxBytes);
        return body.IsSuccess
            ? (await factors.RegenerateAsync(caller, body.Value.CurrentPassword, body.Value.Code, cancellationToken))
                .ToHttp(codes => TypedResults.Ok(new RecoveryCodesView(codes)))
            : body.Error.ToProblem();
    }
}
