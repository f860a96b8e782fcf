using System.Security.Cryptography;
using System.Text;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>
/// <c>Idempotency-Key</c> on every POST of REST: the first answer is kept for a day and given again. Answers may hold
/// secrets, so they are wrapped.
/// </summary>
internal sealed class IdempotencyKeys(RequestDelegate next, IDbContextFactory<ControlPlaneDb> databases, SecretBox box, TimeProvider clock)
{
    private const string Header = "Idempotency-Key";
    private const string ReplayedHeader = "Idempotency-Replayed";
    private const string Purpose = "idempotency";
    private const int MaximumKeyLength = 255;
    private static readonly TimeSpan Keep = TimeSpan.FromHours(24);

    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var caller = context.GetCaller();
        var keys = context.Request.Headers[Header];
        if (keys.Count == 0 || !HttpMethods.IsPost(context.Request.Method) || caller.Kind == CallerKind.Anonymous
            || context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<NeverKept>() is not null
            || !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        if (keys is not [{ Length: > 0 and <= MaximumKeyLength } key] || key.Any(c => c is < '!' or > '~'))
        {
            await new InvalidError(Header, $"must be 1 to {MaximumKeyLength} visible ASCII characters").ToProblem().ExecuteAsync(context);
            return;
        }

        var hash = await HashAsync(context);
        var known = await ClaimAsync(caller.Id, key, hash, context.RequestAborted);
        if (known is null)
        {
            await FirstAsync(context, caller.Id, key);
        }
        else
        {
            await AgainAsync(context, known, hash);
        }
    }

    private static async Task<string> HashAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Path}{context.Request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            sha.AppendData(buffer, 0, read);
        }

        context.Request.Body.Position = 0;
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>Null when the key is ours now; else what is there.</summary>
    private async Task<IdempotencyEntity?> ClaimAsync(string principal, string key, string hash, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var oldest = now - Keep;
        await db.IdempotencyKeys.Where(k => k.Principal == principal && k.Key == key && k.CreatedAt <= oldest).ExecuteDeleteAsync(cancellationToken);
        if (await FindAsync(db, principal, key, cancellationToken) is { } known)
        {
            return known;
        }

        db.IdempotencyKeys.Add(new IdempotencyEntity { Principal = principal, Key = key, RequestHash = hash, CreatedAt = now });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateException error) when (error.InnerException is System.Data.Common.DbException inner && DatabaseErrors.IsUniqueViolation(inner))
        {
            // Another request was faster; gone again means that it failed, and this one may be tried again.
            db.ChangeTracker.Clear();
            return await FindAsync(db, principal, key, cancellationToken)
                ?? new IdempotencyEntity { Principal = principal, Key = key, RequestHash = hash, CreatedAt = now };
        }
    }

    private static Task<IdempotencyEntity?> FindAsync(ControlPlaneDb db, string principal, string key, CancellationToken cancellationToken) =>
        db.IdempotencyKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Principal == principal && k.Key == key, cancellationToken);

    private async Task FirstAsync(HttpContext context, string principal, string key)
    {
        var client = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        var kept = false;
        try
        {
            await next(context);
            if (IsFinal(context.Response.StatusCode))
            {
                await StoreAsync(context, principal, key, answer.ToArray());
                kept = true;
            }
        }
        finally
        {
            context.Response.Body = client;
            if (!kept)
            {
                // Whatever the client does meanwhile: the key must be free for its next attempt.
                await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
                await db.IdempotencyKeys.Where(k => k.Principal == principal && k.Key == key && k.Status == 0).ExecuteDeleteAsync(CancellationToken.None);
            }
        }

        answer.Position = 0;
        await answer.CopyToAsync(client, context.RequestAborted);
    }

    // Anything that a later attempt may change is not an answer to keep.
    private static bool IsFinal(int status) => status is < 500 and not (401 or 403 or 408 or 429);

    private async Task StoreAsync(HttpContext context, string principal, string key, byte[] body)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var wrapped = box.Wrap(body, Purpose + principal + key);
        var status = context.Response.StatusCode;
        var contentType = context.Response.ContentType;
        var location = context.Response.Headers.Location.ToString() is { Length: > 0 } text ? text : null;
        await db.IdempotencyKeys.Where(k => k.Principal == principal && k.Key == key).ExecuteUpdateAsync(
            k => k.SetProperty(x => x.Status, status).SetProperty(x => x.ContentType, contentType).SetProperty(x => x.Location, location).SetProperty(x => x.Body, wrapped),
            CancellationToken.None);
    }

    private async Task AgainAsync(HttpContext context, IdempotencyEntity known, string hash)
    {
        if (known.RequestHash != hash)
        {
            await new RequestError(StatusCodes.Status422UnprocessableEntity, "idempotency.reused", "This Idempotency-Key was used for another request.").ToProblem().ExecuteAsync(context);
            return;
        }

        if (known.Status == 0)
        {
            await new RequestError(StatusCodes.Status409Conflict, "idempotency.in_flight", "The first request with this Idempotency-Key is not finished.", 1).ToProblem().ExecuteAsync(context);
            return;
        }

        context.Response.StatusCode = known.Status;
        context.Response.Headers[ReplayedHeader] = "true";
        if (known.Location is not null)
        {
            context.Response.Headers.Location = known.Location;
        }

        var body = box.Unwrap(known.Body ?? [], Purpose + known.Principal + known.Key);
        if (body.Length > 0)
        {
            context.Response.ContentType = known.ContentType;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}

/// <summary>Runs it.</summary>
internal static class IdempotencyRegistration
{
    public static void UseIdempotencyKeys(this WebApplication app) => app.UseMiddleware<IdempotencyKeys>();
}

/// <summary>An answer that must not be kept, not even wrapped: a private key, a new session.</summary>
internal sealed class NeverKept;
