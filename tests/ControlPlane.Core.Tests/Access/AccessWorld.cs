using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Access;

/// <summary>The services that decide about access, over a real database.</summary>
internal sealed class AccessWorld : IDisposable
{
    private AccessWorld(TestDatabase database)
    {
        Database = database;
        Store = new AccessStore(database);
        Authorizer = new Authorizer(Store);
        State = new ClusterState(TimeProvider.System);
        State.BeginEpoch(1);
        var audit = new AuditTrail(database, TimeProvider.System);
        Gate = new AccessGate(Authorizer, audit, new AnonymousRefusals());
        Roles = new RoleService(database, Store, Authorizer, Gate, audit, TimeProvider.System);
        Teams = new TeamService(database, Store, Authorizer, Gate, audit, TimeProvider.System);
        Collections = new CollectionService(database, Store, State, Authorizer, Gate, audit, TimeProvider.System);
        Grants = new GrantService(database, Store, Authorizer, Gate, audit, TimeProvider.System);
        Effective = new EffectiveAccess(
            database, Store, Authorizer, new ContainerQueries(State, Authorizer, database), new NodeQueries(State, Authorizer, new NodeLinks(TimeProvider.System), new ObjectOwnership(database, TimeProvider.System)));
    }

    public static Caller Admin { get; } = new() { Kind = CallerKind.Session, Id = "root", Name = "root", IsAdministrator = true, RequestId = "test" };

    public TestDatabase Database { get; }

    public AccessStore Store { get; }

    public Authorizer Authorizer { get; }

    public AccessGate Gate { get; }

    public ClusterState State { get; }

    public RoleService Roles { get; }

    public TeamService Teams { get; }

    public CollectionService Collections { get; }

    public GrantService Grants { get; }

    public EffectiveAccess Effective { get; }

    public static async Task<AccessWorld> CreateAsync(DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var world = new AccessWorld(await TestDatabase.CreateAsync(kind));
        await world.Store.LoadAsync(default);
        return world;
    }

    public async Task<Caller> UserAsync(string name, bool isAdministrator = false)
    {
        await using var db = Database.CreateDbContext();
        db.Users.Add(new UserEntity { Id = "id-" + name, Name = name, FoldedName = AccountName.Fold(name), IsAdministrator = isAdministrator });
        await db.SaveChangesAsync();
        return Admin with { Id = "id-" + name, Name = name, IsAdministrator = isAdministrator };
    }

    public async Task CollectionAsync(params string[] paths)
    {
        foreach (var path in paths)
        {
            (await Collections.CreateAsync(Admin, new CollectionRequest(path), default)).Must();
        }
    }

    public async Task<GrantView> GrantAsync(string user, string role, string collection) =>
        (await Grants.CreateAsync(Admin, new GrantRequest("user", role, collection, user), default)).Must();

    public async Task<TeamView> TeamAsync(string name, params string[] members)
    {
        var team = (await Teams.CreateAsync(Admin, new TeamRequest(name), default)).Must();
        foreach (var member in members)
        {
            (await Teams.AddMemberAsync(Admin, team.Id, member, default)).Must();
        }

        return team;
    }

    public async Task<IReadOnlyList<AuditEntity>> RefusalsAsync()
    {
        await using var db = Database.CreateDbContext();
        return [.. db.Audit.Where(entry => entry.Result == "refused")];
    }

    public void Dispose()
    {
        Store.Dispose();
        Database.Dispose();
    }
}

/// <summary>Results that a test takes for granted.</summary>
internal static class Musts
{
    public static T Must<T>(this Result<T> result)
    {
        result.IsSuccess.ShouldBeTrue(result.Error?.ToString());
        return result.Value;
    }
}
