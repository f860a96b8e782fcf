using System.Security.Cryptography;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>What a first start makes.</summary>
public sealed record FirstAccount(string Name, string Password, string Token)
{
    public override string ToString() => $"FirstAccount {Name}";
}

/// <summary>Accounts kept by the server itself.</summary>
public sealed class LocalAccounts(
    IDbContextFactory<ControlPlaneDb> databases, ApiTokens tokens, AuditTrail audit, CallerCache cache, TimeProvider clock)
{
    public const string AdministratorName = "admin";

    // No look-alikes: the password is read from a terminal.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int PasswordLength = 24;
    private const int FirstTokenDays = 3650;

    /// <summary>Makes the first administrator and a token for automation; null when accounts exist already.</summary>
    public async Task<FirstAccount?> CreateFirstAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        var password = NewPassword();
        var user = NewUser(AdministratorName, password, isAdministrator: true);
        db.Users.Add(user);
        var token = tokens.Add(db, user.Id, "admin.env", FirstTokenDays);
        var caller = Caller.System("init");
        audit.Add(db, caller, "users.create", new AuditObject("user", user.Id, user.Name));
        audit.Add(db, caller, "tokens.create", new AuditObject("api_token", token.Id, token.Name));
        await db.SaveChangesAsync(cancellationToken);
        return new FirstAccount(user.Name, password, token.Token);
    }

    /// <summary>A new random password; all sessions of the account end.</summary>
    public async Task<Result<string>> ResetPasswordAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var folded = AccountName.Fold(name);
        var user = await db.Users.SingleOrDefaultAsync(u => u.FoldedName == folded, cancellationToken);
        if (user is null)
        {
            return new NotFoundError("user.not_found", $"There is no account named {name}.");
        }

        var password = NewPassword();
        user.PasswordHash = PasswordHash.Create(password);
        user.PasswordChangedAt = clock.GetUtcNow().UtcDateTime;
        await EndSessionsAsync(db, user, cancellationToken);
        audit.Add(db, caller, "users.reset_password", new AuditObject("user", user.Id, user.Name));
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveUser(user.Id);
        return password;
    }

    internal UserEntity NewUser(string name, string password, bool isAdministrator)
    {
        var now = clock.GetUtcNow();
        return new UserEntity
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = name,
            FoldedName = AccountName.Fold(name),
            PasswordHash = PasswordHash.Create(password),
            IsAdministrator = isAdministrator,
            CreatedAt = now.UtcDateTime,
            PasswordChangedAt = now.UtcDateTime,
        };
    }

    private static string NewPassword() => RandomNumberGenerator.GetString(Alphabet, PasswordLength);

    private static async Task EndSessionsAsync(ControlPlaneDb db, UserEntity user, CancellationToken cancellationToken) =>
        db.Sessions.RemoveRange(await db.Sessions.Where(s => s.UserId == user.Id).ToListAsync(cancellationToken));
}
