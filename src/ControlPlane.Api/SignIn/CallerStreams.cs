using System.Data.Common;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Authentication;

namespace ControlPlane.Api.SignIn;

/// <summary>What stays open ends with the credential it was opened by: WebSockets, hubs, upgraded connections and endpoints that say so.</summary>
internal static class CallerStreams
{
    public static void UseCallerStreams(this WebApplication app)
    {
        var lifetimes = app.Services.GetRequiredService<CallerLifetimes>();
        var credentials = app.Services.GetRequiredService<CredentialState>();
        app.Use(async (context, next) =>
        {
            var caller = context.GetCaller();
            if (caller is not { CredentialId: { } credential, Kind: CallerKind.Session or CallerKind.Token or CallerKind.Certificate } || !StaysOpen(context))
            {
                await next(context);
                return;
            }

            using var lease = lifetimes.Open(caller);
            if (!await IsAliveAsync(credentials, credential, context.RequestAborted))
            {
                // It ended between being recognised and being watched.
                await context.ChallengeAsync();
                return;
            }

            await using var end = lease.Ended.Register(static state => ((HttpContext)state!).Abort(), context);
            await next(context);
        });
    }

    private static bool StaysOpen(HttpContext context) =>
        context.WebSockets.IsWebSocketRequest || HttpMethods.IsConnect(context.Request.Method) || context.Request.Headers.ContainsKey("Upgrade")
        || (HttpMethods.IsGet(context.Request.Method) && context.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase))
        || context.GetEndpoint()?.Metadata.GetMetadata<EndsWithCallerAttribute>() is not null;

    internal static async Task<bool> IsAliveAsync(CredentialState credentials, string credential, CancellationToken cancellationToken)
    {
        try
        {
            return (await credentials.AliveAsync([credential], cancellationToken)).Contains(credential);
        }
        catch (Exception error) when (error is DbException or TimeoutException || error.InnerException is DbException or TimeoutException)
        {
            // Whoever was recognised while the database is away stays so; a revocation needs the database as well.
            return true;
        }
    }
}
