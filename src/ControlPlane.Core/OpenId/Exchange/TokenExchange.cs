using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId.Exchange;

/// <summary>Gives a short-lived token of ours for a trusted issuer's (RFC 8693). A token counts once.</summary>
public sealed class TokenExchange(
    IDbContextFactory<ControlPlaneDb> databases, OpenIdSettings settings, ProviderConnections connections, UsedTokens used,
    ApiTokens tokens, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const string Action = "auth.token_exchange";

    // Tokens of CI are asked for when they are needed.
    private static readonly TimeSpan LongestAge = TimeSpan.FromHours(2);

    // What an ID token or access token of CI says of itself; never a token that is for something else.
    private static readonly string[] Types = ["JWT", "at+jwt", "application/at+jwt"];

    public async Task<Result<CreatedApiToken>> ExchangeAsync(string subjectToken, Caller anonymous, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProviderDeadlines.Step, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await TryAsync(subjectToken, anonymous, either.Token);
        }
        catch (ProviderException)
        {
            return new UnavailableError("exchange.unavailable", "The issuer's keys cannot be fetched now.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new UnavailableError("exchange.unavailable", "The issuer did not answer in time.");
        }
    }

    private async Task<Result<CreatedApiToken>> TryAsync(string subjectToken, Caller anonymous, CancellationToken cancellationToken)
    {
        if (TokenRules.Read(subjectToken) is not { } token || TokenRules.Payload(token) is not { } payload)
        {
            return await RefuseAsync(anonymous, null, "The subject token is not a signed JWT.", cancellationToken);
        }

        // Decided before anything is fetched: only who is configured is ever asked.
        if (settings.Exchange.Issuers.FirstOrDefault(known => string.Equals(known.Issuer, token.Issuer, StringComparison.Ordinal)) is not { } issuer)
        {
            return await RefuseAsync(anonymous, null, "The issuer of the subject token is not trusted.", cancellationToken);
        }

        var documents = connections.For(issuer.Issuer, issuer.Outgoing).Documents;
        await documents.GetConfigurationAsync(cancellationToken);
        if (await TokenRules.ProblemAsync(token, issuer.Issuer, issuer.Audience, documents, needsExpiry: true) is { } problem)
        {
            return await RefuseAsync(anonymous, issuer, $"The subject token is refused: {problem}.", cancellationToken);
        }

        var now = clock.GetUtcNow().UtcDateTime;
        if (token.Typ is { Length: > 0 } typ && !Types.Contains(typ, StringComparer.OrdinalIgnoreCase))
        {
            return await RefuseAsync(anonymous, issuer, "The subject token is refused: typ.", cancellationToken);
        }

        if (token.ValidTo > now + UsedTokens.LongestLife || (token.IssuedAt != DateTime.MinValue && token.IssuedAt < now - LongestAge))
        {
            return await RefuseAsync(anonymous, issuer, "The subject token is refused: it is too old or lives too long.", cancellationToken);
        }

        var claims = new ClaimValues(payload);
        var subject = claims.First("sub") ?? "";
        if (issuer.Rules.FirstOrDefault(rule => rule.Conditions.All(condition => Holds(condition, claims))) is not { } grant)
        {
            return await RefuseAsync(anonymous, issuer, "No rule matches the claims of the subject token.", cancellationToken, subject);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var account = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == grant.ServiceAccountId, cancellationToken);
        if (account is not { Kind: UserKind.Service, DisabledAt: null })
        {
            return await RefuseAsync(anonymous, issuer, "The service account of the rule is disabled or gone.", cancellationToken, subject);
        }

        if (!await used.TryUseAsync("exchange", issuer.Issuer, claims.First("jti") ?? subjectToken, cancellationToken))
        {
            return await RefuseAsync(anonymous, issuer, "The subject token is refused: it was used before.", cancellationToken, subject);
        }

        var description = Cut($"{new Uri(issuer.Issuer).Host} {subject}", 100);
        var issued = await tokens.IssueExchangedAsync(
            account.Id, grant.Permissions, grant.Collection, TimeSpan.FromSeconds(grant.LifetimeSeconds), description, cancellationToken);
        if (issued.IsSuccess)
        {
            await audit.RecordAsync(
                anonymous with { Kind = CallerKind.Token, Id = account.Id, Name = account.Name, CredentialId = issued.Value.Id }, Action,
                new AuditObject("api_token", issued.Value.Id, account.Name), AuditTrail.Ok, $"for {Cut(subject, 200)} of {issuer.Issuer}", cancellationToken);
        }

        return issued;
    }

    private static bool Holds(ClaimMatch condition, ClaimValues claims) =>
        claims.Of(condition.Claim).Any(value => ClaimPattern.Matches(condition.Value, value));

    /// <summary>What a trusted issuer signed is noted one by one; what anybody can send is counted.</summary>
    private async Task<Error> RefuseAsync(
        Caller anonymous, ExchangeIssuer? issuer, string message, CancellationToken cancellationToken, string? subject = null)
    {
        var error = new UnauthenticatedError("exchange.refused", message);
        if (issuer is null || subject is null)
        {
            return await gate.RefuseAsync(anonymous, Action, new AuditObject("settings", OpenIdSettings.ExchangeName), error, cancellationToken);
        }

        await audit.RecordAsync(
            anonymous, Action, new AuditObject("settings", OpenIdSettings.ExchangeName), AuditTrail.Refused,
            $"{message} ({Cut(subject, 200)} of {issuer.Issuer})", cancellationToken);
        return error;
    }

    private static string Cut(string text, int length)
    {
        var clean = new string([.. text.Where(c => !char.IsControl(c))]);
        return clean.Length <= length ? clean : clean[..(length - 1)] + "…";
    }
}
