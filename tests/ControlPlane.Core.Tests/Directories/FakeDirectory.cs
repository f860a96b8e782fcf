using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>Servers that do as the test says, by host; what was asked is kept.</summary>
internal sealed class FakeDirectory : ILdapDirectory
{
    public ConcurrentDictionary<string, Func<CancellationToken, Task>> Opening { get; } = new();

    /// <summary>Hosts in the order they were asked.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Names that were bound.</summary>
    public ConcurrentQueue<string> Bound { get; } = new();

    public Func<LdapSearch, IReadOnlyList<LdapEntry>> Answer { get; set; } = _ => [];

    public Func<string, string, LdapException?> Refusal { get; set; } = (_, _) => null;

    public static Task HangAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    public static Task TimeOutAsync(CancellationToken cancellationToken) => throw LdapException.Of(LdapErrorKind.TimedOut, "The connection was not made in time.");

    public static LdapEntry Person(string uid, string subject, params (string Name, string Value)[] more) => new(
        $"uid={uid},ou=people,dc=test",
        [.. new[] { ("uid", uid), ("cn", uid), ("entryUUID", subject) }.Concat(more).Select(attribute => new LdapAttribute(attribute.Item1, [System.Text.Encoding.UTF8.GetBytes(attribute.Item2)]))]);

    public async Task<ILdapSession> OpenAsync(LdapServer server, CancellationToken cancellationToken)
    {
        Asked.Enqueue(server.Host);
        if (Opening.TryGetValue(server.Host, out var opening))
        {
            await opening(cancellationToken);
        }

        return new Session(this);
    }

    private sealed class Session(FakeDirectory directory) : ILdapSession
    {
        public bool IsUsable => true;

        public Task BindAsync(string dn, string password, CancellationToken cancellationToken)
        {
            directory.Bound.Enqueue(dn);
            return directory.Refusal(dn, password) is { } refusal ? Task.FromException(refusal) : Task.CompletedTask;
        }

        public Task BindAnonymouslyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async IAsyncEnumerable<LdapEntry> SearchAsync(LdapSearch search, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (var entry in directory.Answer(search))
            {
                yield return entry;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
