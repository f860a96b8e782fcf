using System.Diagnostics;

namespace ControlPlane.Ldap.Tests;

/// <summary>Checks how an operation fails, and that it fails soon.</summary>
internal static class Refusal
{
    /// <summary>The machine may be busy; a hang is far longer.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(4);

    public static CancellationToken None => TestContext.Current.CancellationToken;

    public static async Task<LdapException> ShouldFailAsync(this Task operation, LdapErrorKind kind)
    {
        var failure = await Should.ThrowAsync<LdapException>(async () => await operation.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System));
        failure.Kind.ShouldBe(kind, failure.ToString());
        return failure;
    }

    /// <summary>Ends in TimedOut, not before the limit and not long after.</summary>
    public static async Task ShouldTimeOutAsync(this Func<Task> operation, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        await operation().ShouldFailAsync(LdapErrorKind.TimedOut);
        watch.Elapsed.ShouldBeGreaterThan(limit - TimeSpan.FromMilliseconds(100));
        watch.Elapsed.ShouldBeLessThan(limit + Slack);
    }

    public static async Task<List<LdapEntry>> ToListAsync(this IAsyncEnumerable<LdapEntry> entries)
    {
        var list = new List<LdapEntry>();
        await foreach (var entry in entries)
        {
            list.Add(entry);
        }

        return list;
    }

    public static Task<List<LdapEntry>> FindAsync(this ILdapSession session, LdapSearch search) => session.SearchAsync(search, None).ToListAsync();

    public static Task<LdapConnection> ConnectAsync(this LdapServer server) => LdapConnection.ConnectAsync(server, TimeProvider.System, None);
}
