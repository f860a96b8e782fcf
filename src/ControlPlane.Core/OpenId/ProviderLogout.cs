using System.Text.Json;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;

namespace ControlPlane.Core.OpenId;

/// <summary>Somebody signed out at a provider: it says so itself (OpenID Connect Back-Channel Logout 1.0), and the sessions here end.</summary>
public sealed class ProviderLogout(
    IDbContextFactory<ControlPlaneDb> databases, OpenIdSettings settings, ProviderConnections connections, UsedTokens used,
    CallerCache cache, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    // Without an expiry it must be fresh.
    private static readonly TimeSpan LongestAge = TimeSpan.FromMinutes(10);

    /// <summary>What a session of ours keeps of the provider's.</summary>
    public static string? SessionKey(string issuer, string? sid) => string.IsNullOrEmpty(sid) ? null : $"{issuer}|{sid}";

    /// <returns>How many sessions ended.</returns>
    public async Task<Result<int>> EndAsync(string providerId, string? logoutToken, Caller anonymous, CancellationToken cancellationToken)
    {
        if (settings.Find(providerId) is not { } provider)
        {
            return new NotFoundError("oidc.not_found", "There is no such OpenID provider.");
        }

        string? problem;
        var token = TokenRules.Read(logoutToken);
        try
        {
            problem = token is null ? "form" : await ProblemAsync(provider, token, cancellationToken);
        }
        catch (ProviderException)
        {
            return new UnavailableError("oidc.unavailable", "The provider's keys cannot be fetched.");
        }

        if (problem is not null)
        {
            var target = new AuditObject("settings", provider.Source);
            return await gate.RefuseAsync(anonymous, "auth.logout", target, new InvalidError("logout_token", $"is refused: {problem}"), cancellationToken);
        }

        return await EndSessionsAsync(provider, token!, anonymous, cancellationToken);
    }

    private async Task<string?> ProblemAsync(OpenIdProvider provider, JsonWebToken token, CancellationToken cancellationToken)
    {
        var documents = connections.For(provider).Documents;
        var issuer = (await documents.GetConfigurationAsync(cancellationToken)).Issuer;
        if (await TokenRules.ProblemAsync(token, issuer, provider.ClientId, documents, needsExpiry: false) is { } invalid)
        {
            return invalid;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        if (token.Typ is { Length: > 0 } and not ("JWT" or "logout+jwt"))
        {
            return "typ";
        }

        if (TokenRules.Payload(token) is not { } payload)
        {
            return "form";
        }

        if (payload.TryGetProperty("nonce", out _))
        {
            return "nonce";
        }

        if (!payload.TryGetProperty("events", out var events) || events.ValueKind != JsonValueKind.Object
            || !events.TryGetProperty(Event, out var value) || value.ValueKind != JsonValueKind.Object)
        {
            return "events";
        }

        if (token.IssuedAt == DateTime.MinValue || token.IssuedAt > now + TokenRules.Leeway || token.IssuedAt < now - LongestAge)
        {
            return "iat";
        }

        if (Text(payload, "sid") is null && Text(payload, "sub") is null)
        {
            return "sid";
        }

        return Text(payload, "jti") is not { } id ? "jti"
            : await used.TryUseAsync("logout", issuer, id, cancellationToken) ? null : "replayed";
    }

    private async Task<int> EndSessionsAsync(OpenIdProvider provider, JsonWebToken token, Caller anonymous, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var payload = TokenRules.Payload(token)!.Value;
        var subject = Text(payload, "sub");
        var sessions = db.Sessions.Where(session => session.Method == provider.Source);
        if (SessionKey(token.Issuer, Text(payload, "sid")) is { } key)
        {
            sessions = sessions.Where(session => session.ProviderSession == key);
        }

        if (subject is not null)
        {
            sessions = sessions.Where(session => db.ExternalIdentities.Any(
                identity => identity.Issuer == token.Issuer && identity.Subject == subject && identity.UserId == session.UserId));
        }

        var ended = await sessions.ToListAsync(cancellationToken);
        db.Sessions.RemoveRange(ended);
        foreach (var userId in ended.Select(session => session.UserId).Distinct(StringComparer.Ordinal))
        {
            audit.Add(
                db, anonymous with { Kind = CallerKind.System, Name = provider.Source }, "auth.logout", new AuditObject("user", userId),
                AuditTrail.Ok, "signed out at the provider");
        }

        await db.SaveChangesAsync(cancellationToken);
        foreach (var session in ended)
        {
            cache.RemoveCredential(session.Id);
        }

        return ended.Count;
    }

    private static string? Text(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 500 } text ? text : null;
}
