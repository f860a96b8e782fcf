using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Others' tokens: everybody's in one list, those of service accounts to make, any to revoke.</summary>
public sealed class UserTokens(IDbContextFactory<ControlPlaneDb> databases, ApiTokens tokens, Authorizer authorizer, AccountGate accounts)
{
    /// <summary>All that are good or merely expired, newest first.</summary>
    public async Task<Result<Page<ApiTokenView>>> ListAllAsync(Caller caller, ListRequest list, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (authorizer.Check(caller, Permission.UsersRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.ApiTokens.AsNoTracking().Where(token => token.RevokedAt == null && token.Kind == ApiTokens.Ordinary)
            .Join(db.Users, token => token.UserId, user => user.Id, (token, user) => new { token.Id, token.Name, token.CreatedAt, UserName = user.Name })
            .ToListAsync(cancellationToken);
        var matching = list.Text is { } text
            ? rows.FindAll(row => row.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || row.UserName.Contains(text, StringComparison.OrdinalIgnoreCase))
            : rows;
        if (Keyset.Take(matching, row => ListKey.Of(row.CreatedAt), row => row.Id, list with { Descending = true }) is not var (page, next))
        {
            return new InvalidError("cursor", "does not belong to this list");
        }

        var ids = page.ConvertAll(row => row.Id);
        var views = (await db.ApiTokens.AsNoTracking().Where(token => ids.Contains(token.Id)).Select(ApiTokenView.FromRow).ToListAsync(cancellationToken))
            .ToDictionary(view => view.Id, StringComparer.Ordinal);
        return new Page<ApiTokenView>([.. page.Where(row => views.ContainsKey(row.Id)).Select(row => views[row.Id] with { UserName = row.UserName })], next, matching.Count);
    }

    public async Task<Result<IReadOnlyList<ApiTokenView>>> ListOfAsync(Caller caller, string userId, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.UsersRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AnyAsync(user => user.Id == userId, cancellationToken)
            ? await ApiTokens.ListOfAsync(db, userId, cancellationToken)
            : UserQueries.NotFound();
    }

    /// <summary>For service accounts: a person makes their own.</summary>
    public async Task<Result<CreatedApiToken>> CreateAsync(Caller caller, string userId, NewApiToken wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, userId, false, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        return found.Value.Kind == UserKind.Service
            ? await tokens.CreateForAsync(caller, userId, found.Value.Name, wanted, cancellationToken)
            : new ConflictError("user.not_service", "People make their own tokens. For automation make a service account.");
    }

    public async Task<Result<Done>> RevokeAsync(Caller caller, string userId, string tokenId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, userId, false, cancellationToken);
        return found.IsSuccess ? await tokens.RevokeForAsync(caller, userId, tokenId, cancellationToken) : found.Error;
    }
}
