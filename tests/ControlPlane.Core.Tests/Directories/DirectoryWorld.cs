using System.Collections.Concurrent;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Passwords;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;
using ControlPlane.Core.Secrets;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Ldap;
using ControlPlane.TestKit.Databases;
using ControlPlane.TestKit.Directories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>The directory's services over a real database; the directory is what the test says.</summary>
internal sealed class DirectoryWorld : IDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly DirectoryPasswords _passwords;

    private DirectoryWorld(TestDatabase database, ILdapDirectory? directory, TimeProvider? clock)
    {
        Database = database;
        Clock = clock ?? TimeProvider.System;
        Access = new AccessStore(database);
        Audit = new AuditTrail(database, Clock);
        var authorizer = new Authorizer(Access);
        var gate = new AccessGate(authorizer, Audit, new AnonymousRefusals());
        Cache = new CallerCache(Clock);
        var box = new SecretBox(Microsoft.Extensions.Options.Options.Create(new ServerOptions { DataDirectory = database.DataDirectory }));
        Settings = new DirectorySettingsService(database, box, authorizer, gate, Audit, Clock);
        Circuits = new ServerCircuits(Clock);
        var ldap = directory ?? new LdapDirectory(Clock);
        var connector = new DirectoryConnector(ldap, Circuits, new Lines<DirectoryConnector>(_log));
        _passwords = new DirectoryPasswords(Settings, connector, database, Clock, new Lines<DirectoryPasswords>(_log));
        Run = new DirectorySyncRun(
            Settings, connector, new SyncWriter(database, Access, Audit, Cache, Clock), database, Audit, Clock, new Lines<DirectorySyncRun>(_log));
        Sync = new DirectorySync(Settings, Run, database, authorizer, gate, Audit, Clock);
        Test = new DirectoryTest(Settings, new DirectoryProbe(ldap, database, Access, Clock), gate, Audit);
    }

    public TestDatabase Database { get; }

    public TimeProvider Clock { get; }

    public AccessStore Access { get; }

    public AuditTrail Audit { get; }

    public CallerCache Cache { get; }

    public DirectorySettingsService Settings { get; }

    public ServerCircuits Circuits { get; }

    public IDirectoryPasswords Passwords => _passwords;

    public DirectorySyncRun Run { get; }

    public DirectorySync Sync { get; }

    public DirectoryTest Test { get; }

    /// <summary>Everything that was logged.</summary>
    public string Log => string.Join('\n', _log);

    public static async Task<DirectoryWorld> CreateAsync(ILdapDirectory? directory = null, TimeProvider? clock = null, DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var world = new DirectoryWorld(await TestDatabase.CreateAsync(kind), directory, clock);
        await world.Access.LoadAsync(default);
        return world;
    }

    public static async Task<DirectoryWorld> CreateAsync(OpenLdapServer server, Func<DirectorySettings, DirectorySettings>? with = null, DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var world = await CreateAsync(kind: kind);
        await world.PutAsync(with is null ? For(server) : with(For(server)));
        return world;
    }

    public static DirectorySettings For(OpenLdapServer server) => new()
    {
        Enabled = true,
        Servers = [ServerOf(server)],
        Searches = [new UserSearch { BaseDn = OpenLdapServer.PeopleDn, Filter = "(objectClass=inetOrgPerson)" }],
        SignInAttributes = ["uid", "mail"],
        NestedGroups = NestedGroups.Walk,
    };

    public static DirectoryServer ServerOf(OpenLdapServer server) => new()
    {
        Url = $"ldaps://{server.Host}:{server.TlsPort}",
        RootCertificates = server.Authority.ExportCertificatePems(),
        ReaderDn = OpenLdapServer.ServiceDn,
        ReaderPassword = OpenLdapServer.ServicePassword,
    };

    public static TeamDirectoryRule Group(string name) => new() { GroupDn = OpenLdapServer.Group(name) };

    public async Task PutAsync(DirectorySettings settings)
    {
        var result = await Settings.PutAsync(ContainerWorld.Admin, settings, Revision.Any, default);
        (result.Error as InvalidError)?.Fields.ShouldBeEmpty();
        result.Error.ShouldBeNull();
    }

    public Task<Result<ExternalPerson>> SignInAsync(string name, string password = OpenLdapServer.UserPassword) => Passwords.CheckAsync(name, password, default);

    /// <summary>A synchronisation, run to its end.</summary>
    public async Task<DirectorySyncEntity> SyncAsync(bool force = false)
    {
        var id = Guid.NewGuid().ToString("N");
        await using (var db = Database.CreateDbContext())
        {
            db.DirectorySyncs.Add(new DirectorySyncEntity { Id = id, Trigger = "manual", StartedAt = Clock.GetUtcNow().UtcDateTime, State = DirectorySyncRun.Running, Log = "" });
            await db.SaveChangesAsync();
        }

        await Run.ExecuteAsync(id, force, default);
        await using var after = Database.CreateDbContext();
        return await after.DirectorySyncs.AsNoTracking().SingleAsync(run => run.Id == id);
    }

    public async Task<string> TeamAsync(string name, TeamDirectoryRule? rule)
    {
        await using var db = Database.CreateDbContext();
        var team = new TeamEntity
        {
            Id = "team-" + name, Name = name, FoldedName = AccountName.Fold(name), DirectoryRuleJson = rule?.Write(), CreatedAt = Clock.GetUtcNow().UtcDateTime,
        };
        db.Teams.Add(team);
        await Access.SaveAsync(db, default);
        return team.Id;
    }

    public async Task<UserEntity> UserAsync(string name)
    {
        await using var db = Database.CreateDbContext();
        return await db.Users.AsNoTracking().SingleAsync(user => user.FoldedName == AccountName.Fold(name));
    }

    public async Task<List<string>> ActiveAsync()
    {
        await using var db = Database.CreateDbContext();
        return await db.Users.Where(user => user.DisabledAt == null).OrderBy(user => user.Name).Select(user => user.Name).ToListAsync();
    }

    /// <summary>Names of the members of a team, by word of the directory.</summary>
    public async Task<List<string>> MembersAsync(string team)
    {
        await using var db = Database.CreateDbContext();
        return await db.TeamMembers.Where(member => member.TeamId == "team-" + team && member.Source == "ldap")
            .Join(db.Users, member => member.UserId, user => user.Id, (_, user) => user.Name).Order().ToListAsync();
    }

    public async Task ChangeAsync(string name, Action<UserEntity> change)
    {
        await using var db = Database.CreateDbContext();
        change(await db.Users.SingleAsync(user => user.FoldedName == AccountName.Fold(name)));
        await db.SaveChangesAsync();
    }

    public async Task<UserEntity> LocalAsync(string name)
    {
        await using var db = Database.CreateDbContext();
        var user = new UserEntity { Id = "local-" + name, Name = name, FoldedName = AccountName.Fold(name), CreatedAt = Clock.GetUtcNow().UtcDateTime };
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user;
    }

    /// <summary>All text that the database and the log hold: no canary may be in it.</summary>
    public async Task<string> EverythingWrittenAsync()
    {
        await using var db = Database.CreateDbContext();
        var texts = new List<string> { Log };
        texts.AddRange(await db.Settings.Select(row => row.ValueJson).ToListAsync());
        texts.AddRange(await db.DirectorySyncs.Select(row => row.Log + row.Summary).ToListAsync());
        texts.AddRange(await db.Audit.Select(row => row.Detail + row.ParametersJson + row.BeforeJson + row.AfterJson + row.ObjectName).ToListAsync());
        texts.AddRange((await db.Secrets.Select(row => row.Wrapped).ToListAsync()).Select(System.Text.Encoding.Latin1.GetString));
        return string.Join('\n', texts);
    }

    public void Dispose()
    {
        Sync.Dispose();
        _passwords.Dispose();
        Access.Dispose();
        Database.Dispose();
    }

    private sealed class Lines<T>(ConcurrentQueue<string> lines) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception) + exception);
    }
}
