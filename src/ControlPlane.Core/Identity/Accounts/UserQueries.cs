using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Reads accounts.</summary>
public sealed class UserQueries(IDbContextFactory<ControlPlaneDb> databases, Authorizer authorizer)
{
    private static readonly string[] Kinds = ["person", "service"];
    private static readonly string[] Sources = [AccountSource.Local, AccountSource.Directory, AccountSource.OpenId];
    private static readonly string[] States = ["active", "disabled"];
    private static readonly string[] Truth = ["true", "false"];

    public async Task<Result<Page<UserView>>> ListAsync(Caller caller, UserFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (authorizer.Check(caller, Permission.UsersRead, Collections.System) is { } refused)
        {
            return refused;
        }

        if (Problems(filter) is { Count: > 0 } problems)
        {
            return new InvalidError(problems);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);

        // Narrow rows are paged in memory: accounts are thousands, not millions, and one order serves both databases.
        var all = await Matching(db.Users.AsNoTracking(), filter)
            .Select(user => new Row(user.Id, user.FoldedName, user.CreatedAt, user.LastSignInAt)).ToListAsync(cancellationToken);
        if (Keyset.Take(all, row => KeyOf(row, filter.List.SortKey), row => row.Id, filter.List) is not var (page, next))
        {
            return new InvalidError("cursor", "does not belong to this list");
        }

        var ids = page.ConvertAll(row => row.Id);
        var users = await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, StringComparer.Ordinal, cancellationToken);
        var owners = await OwnersAsync(db, users.Values, cancellationToken);
        return new Page<UserView>([.. ids.Where(users.ContainsKey).Select(id => View(users[id], owners, null))], next, all.Count);
    }

    public async Task<Result<UserView>> GetAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.UsersRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, id, cancellationToken) is { } view ? view : NotFound();
    }

    /// <summary>The caller's own account: whoever has signed in may read it.</summary>
    public async Task<Result<UserView>> GetOwnAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, caller.Id, cancellationToken) is { } view ? view : NotFound();
    }

    internal static NotFoundError NotFound() => new("user.not_found", "There is no such account.");

    internal static async Task<UserView?> ReadAsync(ControlPlaneDb db, string id, CancellationToken cancellationToken)
    {
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken);
        if (user is null)
        {
            return null;
        }

        var teams = await db.TeamMembers.AsNoTracking().Where(member => member.UserId == id)
            .Join(db.Teams, member => member.TeamId, team => team.Id, (member, team) => new { team.Id, team.Name, member.Source }).ToListAsync(cancellationToken);
        return View(
            user,
            await OwnersAsync(db, [user], cancellationToken),
            [.. teams.GroupBy(team => (team.Id, team.Name)).OrderBy(team => team.Key.Name, StringComparer.OrdinalIgnoreCase)
                .Select(team => new UserTeamView(team.Key.Id, team.Key.Name, [.. team.Select(row => row.Source).Order(StringComparer.Ordinal)]))]);
    }

    internal static UserView View(UserEntity user, IReadOnlyDictionary<string, string> owners, IReadOnlyList<UserTeamView>? teams) => new()
    {
        Id = user.Id,
        Name = user.Name,
        FullName = user.FullName,
        Email = user.Email,
        Kind = user.Kind == UserKind.Service ? "service" : "person",
        Source = user.Source,
        IsAdministrator = user.IsAdministrator,
        AdministratorBy = user.AdministratorBy,
        Disabled = user.DisabledAt is not null,
        DisabledBy = user.DisabledBy,
        MustChangePassword = user.MustChangePassword,
        SecondFactor = user.TotpSecret is not null && !user.TotpPending,
        DefaultCollection = user.DefaultCollection,
        OwnerId = user.OwnerId,
        OwnerName = user.OwnerId is { } owner ? owners.GetValueOrDefault(owner) : null,
        CreatedAt = user.CreatedAt,
        LastSignInAt = user.LastSignInAt,
        Revision = user.Version,
        Teams = teams,
    };

    private static async Task<Dictionary<string, string>> OwnersAsync(ControlPlaneDb db, IEnumerable<UserEntity> users, CancellationToken cancellationToken)
    {
        var ids = users.Select(user => user.OwnerId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return ids.Count == 0 ? [] : await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, user => user.Name, cancellationToken);
    }

    private static IQueryable<UserEntity> Matching(IQueryable<UserEntity> users, UserFilter filter)
    {
        if (filter.Kinds.Count > 0)
        {
            var kinds = filter.Kinds.Select(kind => kind == "service" ? UserKind.Service : UserKind.Person).ToList();
            users = users.Where(user => kinds.Contains(user.Kind));
        }

        if (filter.Sources.Count > 0)
        {
            users = users.Where(user => filter.Sources.Contains(user.Source));
        }

        if (filter.States.Distinct(StringComparer.Ordinal).ToList() is [var state])
        {
            var isDisabled = state == "disabled";
            users = users.Where(user => user.DisabledAt != null == isDisabled);
        }

        if (filter.Administrators.Distinct(StringComparer.Ordinal).ToList() is [var administrator])
        {
            var wanted = administrator == "true";
            users = users.Where(user => user.IsAdministrator == wanted);
        }

        if (filter.List.Text is { } text)
        {
            var folded = text.Trim().ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862, MA0011 // Becomes lower() in SQL.
            users = users.Where(user => user.FoldedName.Contains(folded)
                || (user.FullName != null && user.FullName.ToLower().Contains(folded)) || (user.Email != null && user.Email.ToLower().Contains(folded)));
#pragma warning restore CA1304, CA1311, CA1862, MA0011
        }

        return users;
    }

    private static List<FieldError> Problems(UserFilter filter)
    {
        var problems = new List<FieldError>();
        Known("kind", filter.Kinds, Kinds);
        Known("source", filter.Sources, Sources);
        Known("state", filter.States, States);
        Known("admin", filter.Administrators, Truth);
        return problems;

        void Known(string field, IReadOnlyList<string> values, string[] known)
        {
            if (values.Except(known, StringComparer.Ordinal).Any())
            {
                problems.Add(new FieldError(field, $"must be one of {string.Join(", ", known)}"));
            }
        }
    }

    private static ListKey KeyOf(Row row, string? sort) => sort switch
    {
        "created" => ListKey.Of(row.CreatedAt),
        "lastSignIn" => row.LastSignInAt is { } at ? ListKey.Of(at) : new ListKey(0, ""),
        _ => ListKey.Of(row.FoldedName),
    };

    private sealed record Row(string Id, string FoldedName, DateTime CreatedAt, DateTime? LastSignInAt);
}
