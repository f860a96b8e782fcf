using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Makes, changes and removes accounts. Whoever changes an account can become it: they must have all that it has.</summary>
public sealed class Users(
    IDbContextFactory<ControlPlaneDb> databases, AccountGate accounts, AccessStore access, LocalAccounts locals, PasswordChecks passwords,
    LastAdministrator lastAdministrator, CallerCache cache, FirstPassword firstPassword, AuditTrail audit, TimeProvider clock)
{
    private const string ByPerson = "admin";

    public async Task<Result<CreatedUserView>> CreateAsync(Caller caller, UserCreateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("user", "", request.Name);
        if (await accounts.RequireAsync(caller, Permission.UsersCreate, target, request.IsAdministrator ?? false, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await ProblemsAsync(db, request, cancellationToken) is { Count: > 0 } problems)
        {
            return new InvalidError(problems);
        }

        var folded = AccountName.Fold(request.Name);
        if (await db.Users.AnyAsync(u => u.FoldedName == folded, cancellationToken))
        {
            return NameTaken(request.Name);
        }

        var isService = request.Kind == "service";
        var made = isService || request.Password is not null ? null : LocalAccounts.NewPassword();
        var hash = isService ? null : await passwords.CreateAsync(request.Password ?? made!, cancellationToken);
        var user = locals.NewAccount(request.Name, hash, request.IsAdministrator ?? false);
        user.Kind = isService ? UserKind.Service : UserKind.Person;
        user.FullName = UserFields.OrNull(request.FullName);
        user.Email = UserFields.OrNull(request.Email);
        user.DefaultCollection = UserFields.OrNull(request.DefaultCollection);
        user.MustChangePassword = !isService && (request.MustChangePassword ?? true);
        user.OwnerId = isService ? request.OwnerId ?? caller.Id : null;
        db.Users.Add(user);
        audit.Add(db, caller, Permission.UsersCreate, target with { Id = user.Id }, AuditTrail.Ok, Summary(user));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            if (!await other.Users.AnyAsync(u => u.FoldedName == folded, cancellationToken))
            {
                throw;
            }

            return NameTaken(request.Name);
        }

        return new CreatedUserView((await UserQueries.ReadAsync(db, user.Id, cancellationToken))!, made);
    }

    public async Task<Result<UserView>> UpdateAsync(Caller caller, string id, UserPatch patch, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        using var entered = await lastAdministrator.EnterAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, id, patch.IsAdministrator ?? false, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var user = found.Value;
        if (Revisions.Check(ifMatch, user.Version) is { } stale)
        {
            return stale;
        }

        if (Problems(user, patch) is { Count: > 0 } problems)
        {
            return new InvalidError(problems);
        }

        var weakens = (patch.Disabled == true && user.DisabledAt is null) || (patch.IsAdministrator == false && user.IsAdministrator);
        if (weakens && await LastAdministrator.CheckAsync(db, id, cancellationToken) is { } last)
        {
            return await accounts.RefuseAsync(caller, Permission.UsersUpdate, user, last, cancellationToken);
        }

        Apply(user, patch);
        if (!db.ChangeTracker.HasChanges())
        {
            return (await UserQueries.ReadAsync(db, id, cancellationToken))!;
        }

        if (user.DisabledAt is not null)
        {
            await WebSessions.RemoveAllAsync(db, id, null, cancellationToken);
        }

        audit.Add(db, caller, Permission.UsersUpdate, new AuditObject("user", id, user.Name), AuditTrail.Ok, Changes(patch));
        if (await TrySaveAsync(db, id, cancellationToken) is { } changed)
        {
            return changed;
        }

        // Also for those who lost nothing: what is cached about them is old.
        cache.RemoveUser(id);
        return (await UserQueries.ReadAsync(db, id, cancellationToken))!;
    }

    /// <summary>People change what is said about them, never what they may.</summary>
    public async Task<Result<UserView>> UpdateOwnAsync(Caller caller, ProfilePatch patch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == caller.Id, cancellationToken);
        if (user is null)
        {
            return UserQueries.NotFound();
        }

        var asUser = new UserPatch { FullName = patch.FullName, Email = patch.Email };
        if (Problems(user, asUser) is { Count: > 0 } problems)
        {
            return new InvalidError(problems);
        }

        Apply(user, asUser);
        audit.Add(db, caller, "users.update_own", new AuditObject("user", user.Id, user.Name), AuditTrail.Ok, Changes(asUser));
        return await TrySaveAsync(db, user.Id, cancellationToken) is { } changed ? changed : (await UserQueries.ReadAsync(db, user.Id, cancellationToken))!;
    }

    /// <summary>With all that belongs to it: sessions, tokens, certificates, memberships, grants.</summary>
    public async Task<Result<Done>> DeleteAsync(Caller caller, string id, long? ifMatch, CancellationToken cancellationToken)
    {
        using var entered = await lastAdministrator.EnterAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersRemove, id, false, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var user = found.Value;
        if (ifMatch is not null && Revisions.Check(ifMatch, user.Version) is { } stale)
        {
            return stale;
        }

        if (await LastAdministrator.CheckAsync(db, id, cancellationToken) is { } last)
        {
            return await accounts.RefuseAsync(caller, Permission.UsersRemove, user, last, cancellationToken);
        }

        db.Users.Remove(user);
        audit.Add(db, caller, Permission.UsersRemove, new AuditObject("user", id, user.Name), AuditTrail.Ok, Summary(user));
        try
        {
            await access.SaveAsync(db, cancellationToken, () => RemoveBelongingsAsync(db, id, cancellationToken));
        }
        catch (DbUpdateConcurrencyException)
        {
            return await StaleAsync(id, cancellationToken);
        }

        cache.RemoveUser(id);
        return Done.Value;
    }

    /// <summary>A new random password, to be changed at the next sign-in; all sessions end.</summary>
    public async Task<Result<NewPasswordView>> ResetPasswordAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, id, false, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var user = found.Value;
        if (user.Kind == UserKind.Service || user.Source != AccountSource.Local)
        {
            return new ConflictError("user.no_password", "The password of this account is not kept here.");
        }

        var password = LocalAccounts.NewPassword();
        user.PasswordHash = await passwords.CreateAsync(password, cancellationToken);
        user.PasswordChangedAt = clock.GetUtcNow().UtcDateTime;
        user.MustChangePassword = true;
        var ended = await WebSessions.RemoveAllAsync(db, id, null, cancellationToken);
        audit.Add(db, caller, "users.reset_password", new AuditObject("user", id, user.Name));
        if (await TrySaveAsync(db, id, cancellationToken) is { } changed)
        {
            return changed;
        }

        cache.RemoveCredentials(ended);
        firstPassword.Forget(user.Name);
        return new NewPasswordView(password);
    }

    /// <summary>For who lost telephone and recovery codes; all sessions end.</summary>
    public async Task<Result<Done>> ResetSecondFactorAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, id, false, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        await SecondFactors.ClearAsync(db, found.Value, cancellationToken);
        var ended = await WebSessions.RemoveAllAsync(db, id, null, cancellationToken);
        audit.Add(db, caller, "users.reset_second_factor", new AuditObject("user", id, found.Value.Name));
        if (await TrySaveAsync(db, id, cancellationToken) is { } changed)
        {
            return changed;
        }

        cache.RemoveCredentials(ended);
        return Done.Value;
    }

    private static void CheckPassword(UserCreateRequest request, bool isService, List<FieldError> problems)
    {
        if (isService && request.Password is not null)
        {
            problems.Add(new FieldError("password", "a service account has none: make a token for it"));
        }
        else if (request.Password is not null && PasswordRules.Problem(request.Password, request.Name) is { } problem)
        {
            problems.Add(new FieldError("password", problem));
        }
    }

    private async Task<List<FieldError>> ProblemsAsync(ControlPlaneDb db, UserCreateRequest request, CancellationToken cancellationToken)
    {
        var problems = new List<FieldError>();
        var isService = request.Kind == "service";
        if (!AccountName.IsValid(request.Name))
        {
            problems.Add(new FieldError("name", AccountName.Shape));
        }

        if (request.Kind is not (null or "person" or "service"))
        {
            problems.Add(new FieldError("kind", "must be person or service"));
        }

        UserFields.CheckFullName(request.FullName, problems);
        UserFields.CheckEmail(request.Email, problems);
        UserFields.CheckCollection(request.DefaultCollection, access.Current, problems);
        CheckPassword(request, isService, problems);
        if (request.OwnerId is { } owner
            && (!isService || !await db.Users.AnyAsync(u => u.Id == owner && u.Kind == UserKind.Person && u.DisabledAt == null, cancellationToken)))
        {
            problems.Add(new FieldError("ownerId", isService ? "must be the id of an active person" : "only service accounts have an owner"));
        }

        return problems;
    }

    private List<FieldError> Problems(UserEntity user, UserPatch patch)
    {
        var problems = new List<FieldError>();
        UserFields.CheckFullName(patch.FullName, problems);
        UserFields.CheckEmail(patch.Email, problems);
        UserFields.CheckCollection(patch.DefaultCollection, access.Current, problems);
        if (user.Source != AccountSource.Local)
        {
            // The next synchronisation would take it back.
            problems.AddRange(new[] { (patch.FullName, "fullName"), (patch.Email, "email") }.Where(pair => pair.Item1 is not null)
                .Select(pair => new FieldError(pair.Item2, $"is kept by {(user.Source == AccountSource.Directory ? "the directory" : "the OpenID provider")}")));
        }

        return problems;
    }

    private void Apply(UserEntity user, UserPatch patch)
    {
        user.FullName = patch.FullName is null ? user.FullName : UserFields.OrNull(patch.FullName);
        user.Email = patch.Email is null ? user.Email : UserFields.OrNull(patch.Email);
        user.DefaultCollection = patch.DefaultCollection is null ? user.DefaultCollection : UserFields.OrNull(patch.DefaultCollection);
        if (patch.IsAdministrator is { } administrator && administrator != user.IsAdministrator)
        {
            user.IsAdministrator = administrator;
            user.AdministratorBy = null;
        }

        if (patch.Disabled == true && user.DisabledAt is null)
        {
            user.DisabledAt = clock.GetUtcNow().UtcDateTime;
            user.DisabledBy = ByPerson;
        }
        else if (patch.Disabled == false && user.DisabledAt is not null)
        {
            user.DisabledAt = null;
            user.DisabledBy = null;
        }
    }

    private static async Task RemoveBelongingsAsync(ControlPlaneDb db, string id, CancellationToken cancellationToken)
    {
        await db.Sessions.Where(row => row.UserId == id).ExecuteDeleteAsync(cancellationToken);
        await db.ApiTokens.Where(row => row.UserId == id).ExecuteDeleteAsync(cancellationToken);
        await db.ClientCertificates.Where(row => row.UserId == id).ExecuteDeleteAsync(cancellationToken);
        await db.RecoveryCodes.Where(row => row.UserId == id).ExecuteDeleteAsync(cancellationToken);
        await db.ExternalIdentities.Where(row => row.UserId == id).ExecuteDeleteAsync(cancellationToken);
        await db.TeamMembers.Where(row => row.UserId == id).ExecuteDeleteAsync(cancellationToken);
        await db.Grants.Where(row => row.SubjectKind == "user" && row.SubjectId == id).ExecuteDeleteAsync(cancellationToken);
        await db.Users.Where(row => row.OwnerId == id).ExecuteUpdateAsync(row => row.SetProperty(user => user.OwnerId, (string?)null), cancellationToken);
    }

    private async Task<Error?> TrySaveAsync(ControlPlaneDb db, string id, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateConcurrencyException)
        {
            return await StaleAsync(id, cancellationToken);
        }
    }

    private async Task<Error> StaleAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = await db.Users.AsNoTracking().Where(user => user.Id == id).Select(user => (long?)user.Version).SingleOrDefaultAsync(cancellationToken);
        return now is { } version ? Revisions.Stale(version) : UserQueries.NotFound();
    }

    private static ConflictError NameTaken(string name) => new("account.name_taken", $"There is an account named {name} already.");

    private static string Summary(UserEntity user) =>
        $"{(user.Kind == UserKind.Service ? "service" : "person")}, {user.Source}{(user.IsAdministrator ? ", administrator" : "")}";

    private static string Changes(UserPatch patch) => string.Join(", ", new[]
    {
        patch.FullName is null ? null : "full name", patch.Email is null ? null : "e-mail",
        patch.DefaultCollection is { } collection ? $"default collection {collection}" : null,
        patch.IsAdministrator is { } administrator ? administrator ? "administrator" : "no administrator" : null,
        patch.Disabled is { } disabled ? disabled ? "disabled" : "enabled" : null,
    }.OfType<string>());
}
