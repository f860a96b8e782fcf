using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.ClientBundle;

/// <summary>A new client bundle.</summary>
/// <param name="Name">What it is for, 1 to 100 characters.</param>
/// <param name="Days">How long it is good; the settings' longest when left out.</param>
/// <param name="CurrentPassword">When the sign-in is not of the last minutes.</param>
internal sealed record ClientBundleRequest(string Name, int? Days = null, string? CurrentPassword = null)
{
    public override string ToString() => $"ClientBundleRequest {Name}";
}

/// <summary>The caller's own client bundles. To renew one, make another and revoke the old one.</summary>
internal static class ClientBundleEndpoints
{
    public static void MapClientBundle(this RouteGroupBuilder api)
    {
        var bundles = api.MapGroup("/client-bundle").WithTags("Client bundles").RequireSignIn("everybody manages their own");
        bundles.MapGet("/", ListAsync).WithName("ListClientBundles").TakesList();
        bundles.MapPost("/", CreateAsync).WithName("CreateClientBundle").Accepts<ClientBundleRequest>("application/json")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/zip").WithMetadata(new NeverKept());
        bundles.MapDelete("/{id}", RevokeAsync).WithName("RevokeClientBundle");
        api.MapGet("/client-setup", SetupAsync).WithName("GetClientSetup").WithTags("Client bundles").RequireSignIn("how to connect is no secret");
    }

    /// <summary>The zip; what is in it is listed by the certificate.</summary>
    public static FileContentHttpResult ToFile(Core.Certificates.ClientBundle bundle) =>
        TypedResults.File(bundle.Zip, "application/zip", bundle.FileName);

    private static Task<Results<Ok<Page<ClientCertificateView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, ClientBundles bundles, CancellationToken cancellationToken) =>
        ShortLists.AnswerAsync(context, () => bundles.ListOwnAsync(caller, cancellationToken), row => row.Id, row => row.Name);

    private static async Task<Results<FileContentHttpResult, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, ClientBundles bundles, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<ClientBundleRequest>(context);
        return body.IsSuccess
            ? (await bundles.CreateOwnAsync(caller, body.Value.Name, body.Value.Days, body.Value.CurrentPassword, cancellationToken)).ToHttp(ToFile)
            : body.Error.ToProblem();
    }

    /// <summary>How to point docker here: commands for a bundle, a docker context, or a token.</summary>
    private static async Task<Results<Ok<ClientSetupView>, ProblemResult>> SetupAsync(Caller caller, ClientSetup setup, CancellationToken cancellationToken) =>
        (await setup.GetAsync(caller, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<NoContent, ProblemResult>> RevokeAsync(
        string id, Caller caller, ClientBundles bundles, CancellationToken cancellationToken) =>
        (await bundles.RevokeOwnAsync(caller, id, cancellationToken)).ToHttp();
}
