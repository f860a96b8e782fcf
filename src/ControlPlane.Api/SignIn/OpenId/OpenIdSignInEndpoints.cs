using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Api.SignIn.OpenId;

/// <summary>What browsers and providers call during a sign-in; not part of REST.</summary>
internal static class OpenIdSignInEndpoints
{
    private const int MaximumLogoutBytes = 32 * 1024;

    public static void AddOpenIdSignIn(this IServiceCollection services)
    {
        services.AddOpenId();
        services.AddSingleton<OpenIdHandlers>();
        services.AddSingleton<OpenIdSignIn>();
    }

    public static void MapOpenIdSignIn(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/sign-in/openid/{id}").ExcludeFromDescription();
        group.MapGet("/", BeginAsync).Open("this is how one signs in");
        group.MapGet("/callback", FinishAsync).Open("the provider's answer is verified");
        group.MapGet("/sign-out", SignOutAsync).Open("leads to the provider's own sign-out and changes nothing here");
        group.MapGet("/signed-out", () => TypedResults.LocalRedirect("/sign-in")).Open("where the provider sends the browser afterwards");
        group.MapPost("/back-channel-logout", BackChannelAsync).Open("the provider proves itself by a signed token");
    }

    private static async Task<IResult> BeginAsync(
        string id, string? returnUrl, HttpContext context, OpenIdSettings settings, OpenIdSignIn signIn, PublicAddress address)
    {
        if (settings.Find(id) is not { } provider)
        {
            return OpenIdProblemPage.Unknown();
        }

        // The provider sends the browser to the public address: the cookies of this sign-in have to be there. Once only, whatever a proxy
        // makes of the host.
        return IsElsewhere(context.Request, address) && !context.Request.Query.ContainsKey("here")
            ? Results.Redirect(address.Url + QueryHelpers.AddQueryString(provider.SignInPath, new Dictionary<string, string?> { ["returnUrl"] = returnUrl, ["here"] = "1" }))
            : await signIn.BeginAsync(context, provider, returnUrl);
    }

    private static async Task<IResult> FinishAsync(string id, HttpContext context, OpenIdSettings settings, OpenIdSignIn signIn) =>
        settings.Find(id) is { } provider ? await signIn.FinishAsync(context, provider) : OpenIdProblemPage.Unknown();

    private static async Task<IResult> SignOutAsync(
        string id, HttpContext context, OpenIdSettings settings, ProviderConnections connections, PublicAddress address, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Cookies.Delete(OpenIdCookies.Provider, OpenIdSignIn.ProviderCookieOptions());
        if (settings.Find(id) is not { } provider)
        {
            return OpenIdProblemPage.Unknown();
        }

        try
        {
            var there = (await connections.For(provider).Documents.GetConfigurationAsync(cancellationToken)).EndSessionEndpoint;
            // By client id: the ID token would be in an address, and is not kept.
            return string.IsNullOrEmpty(there)
                ? Results.LocalRedirect("/sign-in")
                : Results.Redirect(QueryHelpers.AddQueryString(there, new Dictionary<string, string?>
                {
                    ["client_id"] = provider.ClientId,
                    ["post_logout_redirect_uri"] = address.Url + provider.SignedOutPath,
                }));
        }
        catch (ProviderException)
        {
            return OpenIdProblemPage.Of(provider.DisplayName, "unavailable");
        }
    }

    private static async Task<IResult> BackChannelAsync(string id, HttpContext context, ProviderLogout logout, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var form = await SmallForm.ReadAsync(context, MaximumLogoutBytes);
        if (form is null || !form.TryGetValue("logout_token", out var token) || token.Count != 1)
        {
            return Bad("A form with one logout_token is needed.");
        }

        var ended = await logout.EndAsync(id, token[0], Caller.Anonymous(context.GetRequestId(), context.GetRemoteAddress()), cancellationToken);
        return ended.IsSuccess ? Results.Ok()
            : ended.Error is UnavailableError ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
            : ended.Error is NotFoundError ? Results.NotFound()
            : Bad(ended.Error.Message);
    }

    private static IResult Bad(string description) =>
        Results.Json(new { error = "invalid_request", error_description = description }, statusCode: StatusCodes.Status400BadRequest);

    private static bool IsElsewhere(HttpRequest request, PublicAddress address) =>
        !string.Equals($"{request.Scheme}://{request.Host}", new Uri(address.Url).GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}
