using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Options;
using ControlPlane.Core.WriteBehind;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Identity;

/// <summary>The identity services, as the server registers them, over a real database and a clock of the test's.</summary>
internal sealed class IdentityWorld : IDisposable
{
    public const string Password = "correct horse battery";

    private readonly ServiceProvider _services;

    private IdentityWorld(TestDatabase database, IDirectoryPasswords? directory)
    {
        Database = database;
        var services = new ServiceCollection().AddMetrics().AddLogging();
        services.AddSingleton<IDbContextFactory<ControlPlaneDb>>(database);
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<WriteBehindQueue>();
        services.AddAccess();
        services.AddIdentity();
        services.AddCertificates();
        services.Configure<ServerOptions>(options => (options.DataDirectory, options.PublicUrl) = (database.DataDirectory, "https://control.example.com:8443"));
        if (directory is not null)
        {
            services.AddSingleton(directory);
        }

        _services = services.BuildServiceProvider();
        Writer = new WriteBehindWriter(Queue, Refusals, database, Clock, NullLogger<WriteBehindWriter>.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TestDatabase Database { get; }

    public WriteBehindWriter Writer { get; }

    public AuditTrail Audit => Get<AuditTrail>();

    public AnonymousRefusals Refusals => Get<AnonymousRefusals>();

    public AccessGate Gate => Get<AccessGate>();

    public CallerCache Cache => Get<CallerCache>();

    public WriteBehindQueue Queue => Get<WriteBehindQueue>();

    public ApiTokens Tokens => Get<ApiTokens>();

    public WebSessions Sessions => Get<WebSessions>();

    public LocalAccounts Accounts => Get<LocalAccounts>();

    public SignIn SignIn => Get<SignIn>();

    public Users Users => Get<Users>();

    public CallerLifetimes Lifetimes => Get<CallerLifetimes>();

    public static async Task<IdentityWorld> CreateAsync(DatabaseKind kind, IDirectoryPasswords? directory = null)
    {
        var world = new IdentityWorld(await TestDatabase.CreateAsync(kind), directory);
        await world.Get<ClientAuthority>().LoadAsync(CancellationToken.None);
        return world;
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public Task<Results.Result<SessionTicket>> LoginAsync(string name, string password, string address = "10.0.0.1") =>
        SignIn.PasswordAsync(name, password, address, "test", "request", CancellationToken.None);

    /// <summary>Signs in and shows the cookie.</summary>
    public async Task<Caller> SignedInAsync(string name, string password = Password) =>
        await FindAsync((await LoginAsync(name, password)).Value) ?? throw new InvalidOperationException("The ticket is no session.");

    public async Task<Caller?> FindAsync(SessionTicket ticket) =>
        await Sessions.FindAsync(ticket.CookieValue, CancellationToken.None) is { } caller ? caller with { RemoteAddress = "10.0.0.1", RequestId = "request" } : null;

    /// <summary>The first administrator, by token.</summary>
    public async Task<Caller> AdministratorAsync() =>
        (await Tokens.FindAsync((await Accounts.CreateFirstAsync(CancellationToken.None))!.Token, null, CancellationToken.None))!;

    /// <summary>An account with <see cref="Password"/> that need not be changed.</summary>
    public async Task<UserView> AddAsync(Caller administrator, string name, bool isAdministrator = false, string? kind = null)
    {
        var request = new UserCreateRequest
        {
            Name = name, Kind = kind, IsAdministrator = isAdministrator, Password = kind == "service" ? null : Password, MustChangePassword = kind == "service" ? null : false,
        };
        return (await Users.CreateAsync(administrator, request, CancellationToken.None)).Value.User;
    }

    /// <summary>Gives a user a role somewhere.</summary>
    public async Task GrantAsync(string userId, string role, string collection)
    {
        await using var db = Database.CreateDbContext();
        db.Grants.Add(new GrantEntity
        {
            Id = Guid.NewGuid().ToString("N"), SubjectKind = "user", SubjectId = userId, RoleId = role, Collection = collection, CreatedBy = "test", CreatedAt = Clock.GetUtcNow().UtcDateTime,
        });
        await Get<AccessStore>().SaveAsync(db, CancellationToken.None);
    }

    /// <summary>A role that the test makes.</summary>
    public async Task<string> RoleAsync(string name, params string[] permissions)
    {
        await using var db = Database.CreateDbContext();
        db.Roles.Add(new RoleEntity { Id = name, Name = name, FoldedName = name, PermissionsJson = System.Text.Json.JsonSerializer.Serialize(permissions) });
        await Get<AccessStore>().SaveAsync(db, CancellationToken.None);
        return name;
    }

    /// <summary>Refusals are written behind.</summary>
    public Task WriteRefusalsAsync() => Get<RefusalWriter>().FlushAsync(all: true, CancellationToken.None);

    /// <summary>All that the audit trail holds, as text.</summary>
    public string AuditText()
    {
        using var db = Database.CreateDbContext();
        return string.Join('\n', db.Audit.AsNoTracking().AsEnumerable().Select(entry =>
            $"{entry.Action} {entry.Result} {entry.ActorName} {entry.ObjectId} {entry.ObjectName} {entry.Detail} {entry.ParametersJson} {entry.BeforeJson} {entry.AfterJson}"));
    }

    public void Dispose()
    {
        _services.Dispose();
        Database.Dispose();
    }
}
