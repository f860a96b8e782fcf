using System.Diagnostics.Metrics;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using ControlPlane.Core.WriteBehind;
using ControlPlane.TestKit.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Identity;

/// <summary>The identity services over a real database and a clock of the test's.</summary>
internal sealed class IdentityWorld : IDisposable
{
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private IdentityWorld(TestDatabase database)
    {
        Database = database;
        Audit = new AuditTrail(database, Clock);
        Refusals = new AnonymousRefusals();
        Gate = new AccessGate(new Authorizer(new AccessStore(database)), Audit, Refusals);
        Cache = new CallerCache(Clock);
        Queue = new WriteBehindQueue(_meters.GetRequiredService<IMeterFactory>());
        Writer = new WriteBehindWriter(Queue, Refusals, database, Clock, NullLogger<WriteBehindWriter>.Instance);
        var use = new CredentialUse(Queue, Clock);
        Tokens = new ApiTokens(database, Audit, Cache, use, Clock);
        Sessions = new WebSessions(database, Cache, use, Clock);
        Accounts = new LocalAccounts(database, Tokens, Audit, Cache, Clock);
        SignIn = new SignIn(database, Sessions, new LoginThrottle(Clock), Audit);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TestDatabase Database { get; }

    public AuditTrail Audit { get; }

    public AnonymousRefusals Refusals { get; }

    public AccessGate Gate { get; }

    public CallerCache Cache { get; }

    public WriteBehindQueue Queue { get; }

    public WriteBehindWriter Writer { get; }

    public ApiTokens Tokens { get; }

    public WebSessions Sessions { get; }

    public LocalAccounts Accounts { get; }

    public SignIn SignIn { get; }

    public static async Task<IdentityWorld> CreateAsync(DatabaseKind kind) => new(await TestDatabase.CreateAsync(kind));

    public Task<Results.Result<SessionTicket>> LoginAsync(string name, string password, string address = "10.0.0.1") =>
        SignIn.PasswordAsync(name, password, address, "test", "request", CancellationToken.None);

    public void Dispose()
    {
        SignIn.Dispose();
        Database.Dispose();
        _meters.Dispose();
    }
}
