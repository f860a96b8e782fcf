using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId;

/// <summary>Who somebody is here by what a provider says about them.</summary>
public sealed class OpenIdPeople(IDbContextFactory<ControlPlaneDb> databases)
{
    /// <param name="provider">Whose word it is: rules for other providers do not count.</param>
    /// <param name="issuer">As in the validated token.</param>
    /// <param name="subject">As in the validated token.</param>
    /// <param name="claims">What it says.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ExternalPerson> ReadAsync(
        OpenIdProvider provider, string issuer, string subject, ClaimValues claims, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(claims);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var teams = await db.Teams.AsNoTracking().Where(team => team.ClaimRulesJson != null)
            .Select(team => new { team.Id, team.ClaimRulesJson }).ToListAsync(cancellationToken);
        return new ExternalPerson
        {
            Issuer = issuer,
            Subject = subject,
            Source = AccountSource.OpenId,
            MembershipSource = provider.Source,
            Name = claims.First(provider.NameClaim) ?? claims.First("preferred_username") ?? claims.First("email") ?? subject,
            FullName = claims.First("name"),
            Email = claims.First("email"),
            TeamIds = [.. teams.Where(team => TeamClaimRule.Read(team.ClaimRulesJson).Any(rule => Matches(rule, provider, claims))).Select(team => team.Id)],
            // Without a rule the provider makes nobody an administrator, and takes back what an earlier rule gave.
            IsAdministrator = provider.Administrators is { } rule && claims.Has(rule.Claim, rule.Value),
            RequireTeam = provider.RequireTeam,
        };
    }

    private static bool Matches(TeamClaimRule rule, OpenIdProvider provider, ClaimValues claims) =>
        string.Equals(rule.Provider, provider.Id, StringComparison.Ordinal) && claims.Has(rule.Claim, rule.Value);
}
