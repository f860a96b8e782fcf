using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Exchange;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.OpenId;

/// <summary>Settings for OpenID providers and for the exchange of tokens.</summary>
internal static class OpenIdEndpoints
{
    private const int MaximumBytes = 256 * 1024;

    public static void MapOpenId(this RouteGroupBuilder api)
    {
        var settings = api.MapGroup("/settings").WithTags("Settings");
        settings.MapGet("/oidc", List).WithName("ListOpenIdProviders").TakesList().RequirePermission(Permission.SettingsRead);
        settings.MapGet("/oidc/{id}", Get).WithName("GetOpenIdProvider").RequirePermission(Permission.SettingsRead);
        settings.MapPut("/oidc/{id}", PutAsync).WithName("PutOpenIdProvider").Accepts<OpenIdProviderRequest>("application/json")
            .RequirePermission(Permission.SettingsUpdate);
        settings.MapDelete("/oidc/{id}", DeleteAsync).WithName("DeleteOpenIdProvider").RequirePermission(Permission.SettingsUpdate);
        settings.MapPost("/oidc/{id}/test", TestAsync).WithName("TestOpenIdProvider").RequirePermission(Permission.SettingsUpdate);
        settings.MapGet("/oidc-exchange", GetExchangeAsync).WithName("GetTokenExchangeSettings").RequirePermission(Permission.SettingsRead);
        settings.MapPut("/oidc-exchange", PutExchangeAsync).WithName("PutTokenExchangeSettings").Accepts<TokenExchangeRequest>("application/json")
            .RequirePermission(Permission.SettingsUpdate);
    }

    private static Results<Ok<Page<OpenIdProviderView>>, ProblemResult> List(HttpContext context, Caller caller, OpenIdProviders providers)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? providers.List(caller).Map(all => Slice(all, query.Value)).ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static Results<Ok<OpenIdProviderView>, ProblemResult> Get(HttpContext context, string id, Caller caller, OpenIdProviders providers) =>
        providers.Get(caller, id).ToHttp(view => Tagged(context, view));

    private static async Task<Results<Ok<OpenIdProviderView>, ProblemResult>> PutAsync(
        HttpContext context, string id, Caller caller, OpenIdProviders providers, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<OpenIdProviderRequest>(context, MaximumBytes);
        return body.IsSuccess
            ? (await providers.PutAsync(caller, id, body.Value, ifMatch.Value, cancellationToken)).ToHttp(view => Tagged(context, view))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        HttpContext context, string id, Caller caller, OpenIdProviders providers, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        return ifMatch.IsSuccess ? (await providers.RemoveAsync(caller, id, ifMatch.Value, cancellationToken)).ToHttp() : ifMatch.Error.ToProblem();
    }

    private static async Task<Results<Ok<OpenIdTestView>, ProblemResult>> TestAsync(
        string id, Caller caller, OpenIdTest test, CancellationToken cancellationToken) =>
        (await test.RunAsync(caller, id, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<TokenExchangeView>, ProblemResult>> GetExchangeAsync(
        HttpContext context, Caller caller, ExchangeSettingsService exchange, CancellationToken cancellationToken) =>
        (await exchange.GetAsync(caller, cancellationToken)).ToHttp(view => Tagged(context, view));

    private static async Task<Results<Ok<TokenExchangeView>, ProblemResult>> PutExchangeAsync(
        HttpContext context, Caller caller, ExchangeSettingsService exchange, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<TokenExchangeRequest>(context, MaximumBytes);
        return body.IsSuccess
            ? (await exchange.PutAsync(caller, body.Value, ifMatch.Value, cancellationToken)).ToHttp(view => Tagged(context, view))
            : body.Error.ToProblem();
    }

    // A few at any time: paged in memory, after the last id.
    private static Page<OpenIdProviderView> Slice(IReadOnlyList<OpenIdProviderView> all, ListQuery query)
    {
        var found = query.Q is { } text ? [.. all.Where(p => p.Id.Contains(text, StringComparison.OrdinalIgnoreCase) || p.DisplayName.Contains(text, StringComparison.OrdinalIgnoreCase))] : all;
        var start = query.Cursor is null ? 0 : found.Select(p => p.Id).TakeWhile(id => id != query.Cursor).Count() + 1;
        var items = found.Skip(start).Take(query.Limit).ToList();
        return new Page<OpenIdProviderView>(items, start + items.Count < found.Count ? items[^1].Id : null, found.Count);
    }

    private static Ok<OpenIdProviderView> Tagged(HttpContext context, OpenIdProviderView view)
    {
        context.Response.Headers.ETag = Preconditions.ETag(view.Revision);
        return TypedResults.Ok(view);
    }

    private static Ok<TokenExchangeView> Tagged(HttpContext context, TokenExchangeView view)
    {
        context.Response.Headers.ETag = Preconditions.ETag(view.Revision);
        return TypedResults.Ok(view);
    }
}
