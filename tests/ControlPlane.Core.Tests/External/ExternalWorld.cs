using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.External;

/// <summary>Accounts of other sources, over a real database.</summary>
internal sealed class ExternalWorld : IDisposable
{
    public const string Issuer = "https://login.example";
    public const string OtherIssuer = "https://other.example";

    private ExternalWorld(TestDatabase database)
    {
        Database = database;
        Access = new AccessStore(database);
        Cache = new CallerCache(Clock);
        Accounts = new ExternalAccounts(
            database, Access, new AuditTrail(database, Clock), Cache, Clock, NullLogger<ExternalAccounts>.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TestDatabase Database { get; }

    public AccessStore Access { get; }

    public CallerCache Cache { get; }

    public ExternalAccounts Accounts { get; }

    public static Caller Server { get; } = Caller.System("test");

    public static async Task<ExternalWorld> CreateAsync(DatabaseKind kind)
    {
        var world = new ExternalWorld(await TestDatabase.CreateAsync(kind));
        await using var db = world.Database.CreateDbContext();
        foreach (var team in new[] { "devs", "ops" })
        {
            db.Teams.Add(new TeamEntity { Id = team, Name = team, FoldedName = team });
        }

        await db.SaveChangesAsync();
        await world.Access.LoadAsync(CancellationToken.None);
        return world;
    }

    public static ExternalPerson Person(string subject, string name, params string[] teams) => new()
    {
        Issuer = Issuer,
        Subject = subject,
        Source = "oidc",
        MembershipSource = "oidc:corp",
        Name = name,
        TeamIds = teams,
    };

    public async Task<UserEntity> AcceptAsync(ExternalPerson person) =>
        (await Accounts.ProvisionAsync(person, Server, CancellationToken.None)).Value;

    public async Task<Results.Error> RefuseAsync(ExternalPerson person) =>
        (await Accounts.ProvisionAsync(person, Server, CancellationToken.None)).Error.ShouldNotBeNull();

    public async Task<IReadOnlyList<string>> MembershipsAsync(string userId)
    {
        await using var db = Database.CreateDbContext();
        return await db.TeamMembers.Where(member => member.UserId == userId)
            .OrderBy(member => member.Source).ThenBy(member => member.TeamId)
            .Select(member => member.Source + "/" + member.TeamId).ToListAsync();
    }

    public async Task ChangeAsync(Action<ControlPlaneDb> change)
    {
        await using var db = Database.CreateDbContext();
        change(db);
        await db.SaveChangesAsync();
    }

    public async Task<T> ReadAsync<T>(Func<ControlPlaneDb, Task<T>> read)
    {
        await using var db = Database.CreateDbContext();
        return await read(db);
    }

    public void Dispose()
    {
        Access.Dispose();
        Database.Dispose();
    }
}
