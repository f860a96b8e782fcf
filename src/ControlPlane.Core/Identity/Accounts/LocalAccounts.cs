using System.Security.Cryptography;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>What a first start makes.</summary>
/// <param name="Name">The administrator.</param>
/// <param name="Password">Shown once.</param>
/// <param name="Token">For automation; empty when none was wanted.</param>
public sealed record FirstAccount(string Name, string Password, string Token)
{
    public override string ToString() => $"FirstAccount {Name}";
}

/// <summary>The first account, and the way back in for whoever may run commands on the server's machine.</summary>
public sealed class LocalAccounts(
    IDbContextFactory<ControlPlaneDb> databases, ApiTokens tokens, AuditTrail audit, CallerCache cache, FirstPassword firstPassword, TimeProvider clock)
{
    public const string AdministratorName = "admin";

    // No look-alikes: the password is read from a terminal.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int PasswordLength = 24;
    private const int FirstTokenDays = 3650;

    /// <summary>As below, with a token.</summary>
    public Task<FirstAccount?> CreateFirstAsync(CancellationToken cancellationToken) => CreateFirstAsync(withToken: true, cancellationToken);

    /// <summary>Makes the first administrator and, if wanted, a token for automation; null when accounts exist already.</summary>
    public async Task<FirstAccount?> CreateFirstAsync(bool withToken, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        var password = NewPassword();
        var user = NewUser(AdministratorName, password, isAdministrator: true);
        db.Users.Add(user);
        var caller = Caller.System("init");
        audit.Add(db, caller, "users.create", new AuditObject("user", user.Id, user.Name));
        var text = "";
        if (withToken)
        {
            var token = tokens.Add(db, user.Id, "admin.env", FirstTokenDays);
            audit.Add(db, caller, "tokens.create", new AuditObject("api_token", token.Id, token.Name));
            text = token.Token;
        }

        await db.SaveChangesAsync(cancellationToken);
        return new FirstAccount(user.Name, password, text);
    }

    /// <summary>
    /// A new random password; all sessions of the account end. When no administrator is left who could sign in, the account is made or
    /// brought back as one.
    /// </summary>
    public async Task<Result<string>> ResetPasswordAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var folded = AccountName.Fold(name);
        var user = await db.Users.SingleOrDefaultAsync(u => u.FoldedName == folded, cancellationToken);
        var isRecovery = !await LastAdministrator.Able(db).AnyAsync(cancellationToken);
        if (user is null && !(isRecovery && AccountName.IsValid(name)))
        {
            return NotFound(name);
        }

        if (user is not null && (user.Source != AccountSource.Local || user.Kind != UserKind.Person))
        {
            return new ConflictError("user.no_password", $"The password of {user.Name} is not kept here: name another account by --user NAME.");
        }

        var password = NewPassword();
        if (user is null)
        {
            user = NewUser(name, password, isAdministrator: true);
            db.Users.Add(user);
            audit.Add(db, caller, "users.create", new AuditObject("user", user.Id, user.Name), AuditTrail.Ok, "no administrator was left");
        }
        else
        {
            user.PasswordHash = PasswordHash.Create(password);
            user.PasswordChangedAt = clock.GetUtcNow().UtcDateTime;
            user.MustChangePassword = false;
            if (isRecovery)
            {
                (user.IsAdministrator, user.AdministratorBy, user.DisabledAt, user.DisabledBy) = (true, null, null, null);
            }
        }

        var ended = await WebSessions.RemoveAllAsync(db, user.Id, null, cancellationToken);
        audit.Add(
            db, caller, "users.reset_password", new AuditObject("user", user.Id, user.Name), AuditTrail.Ok, isRecovery ? "made administrator: none was left" : null);
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredentials(ended);
        cache.RemoveUser(user.Id);
        firstPassword.Forget(user.Name);
        return password;
    }

    /// <summary>For who lost telephone and recovery codes.</summary>
    public async Task<Result<Done>> ResetSecondFactorAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var folded = AccountName.Fold(name);
        var user = await db.Users.SingleOrDefaultAsync(u => u.FoldedName == folded, cancellationToken);
        if (user is null)
        {
            return NotFound(name);
        }

        await SecondFactors.ClearAsync(db, user, cancellationToken);
        var ended = await WebSessions.RemoveAllAsync(db, user.Id, null, cancellationToken);
        audit.Add(db, caller, "users.reset_second_factor", new AuditObject("user", user.Id, user.Name));
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredentials(ended);
        return Done.Value;
    }

    public async Task<Result<Done>> EnableAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var folded = AccountName.Fold(name);
        var user = await db.Users.SingleOrDefaultAsync(u => u.FoldedName == folded, cancellationToken);
        if (user is null)
        {
            return NotFound(name);
        }

        (user.DisabledAt, user.DisabledBy) = (null, null);
        audit.Add(db, caller, "users.enable", new AuditObject("user", user.Id, user.Name));
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveUser(user.Id);
        return Done.Value;
    }

    internal static string NewPassword() => RandomNumberGenerator.GetString(Alphabet, PasswordLength);

    internal UserEntity NewUser(string name, string password, bool isAdministrator) => NewAccount(name, PasswordHash.Create(password), isAdministrator);

    internal UserEntity NewAccount(string name, string? hash, bool isAdministrator)
    {
        var now = clock.GetUtcNow();
        return new UserEntity
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = name,
            FoldedName = AccountName.Fold(name),
            PasswordHash = hash,
            IsAdministrator = isAdministrator,
            CreatedAt = now.UtcDateTime,
            PasswordChangedAt = now.UtcDateTime,
        };
    }

    private static NotFoundError NotFound(string name) => new("user.not_found", $"There is no account named {name}.");
}
