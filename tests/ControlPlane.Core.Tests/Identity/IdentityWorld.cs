using System.Diagnostics.Metrics;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
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

    private IdentityWorld(TestDatabase database, IDirectoryPasswords? directory, IExternalAccounts? external)
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
        Sessions = new WebSessions(database, Cache, use, Rules, Clock);
        Accounts = new LocalAccounts(database, Tokens, Audit, Cache, Clock);
        Directory = new DirectorySignIn(directory is null ? [] : [directory], external is null ? [] : [external], Clock);
        var opening = new SessionOpening(Sessions, Rules, Cache, Audit, Clock);
        SignIn = new SignIn(database, Sessions, opening, Passwords, Directory, new LoginThrottle(Clock), Audit);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TestDatabase Database { get; }

    public SignInRules Rules { get; } = new();

    public PasswordChecks Passwords { get; } = new();

    public DirectorySignIn Directory { get; }

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

    public static async Task<IdentityWorld> CreateAsync(DatabaseKind kind, IDirectoryPasswords? directory = null, IExternalAccounts? external = null) =>
        new(await TestDatabase.CreateAsync(kind), directory, external);

    public Task<Results.Result<SessionTicket>> LoginAsync(string name, string password, string address = "10.0.0.1") =>
        SignIn.PasswordAsync(name, password, address, "test", "request", CancellationToken.None);

    public void Dispose()
    {
        Directory.Dispose();
        Passwords.Dispose();
        Database.Dispose();
        _meters.Dispose();
    }
}
