using System.Text;
using System.Text.Json;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>Grants, roles and collections for admission tests.</summary>
internal static class AdmissionSetup
{
    public static Caller User(string id) => new() { Kind = CallerKind.Token, Id = id, Name = id, IsAdministrator = false, RequestId = "r-" + id };

    public static async Task<Caller> GrantAsync(this ContainerWorld world, string user, string roleId, string collection)
    {
        await using var db = world.Database.CreateDbContext();
        db.Grants.Add(new GrantEntity { Id = Guid.NewGuid().ToString("N"), SubjectKind = "user", SubjectId = user, RoleId = roleId, Collection = collection, CreatedBy = "test" });
        await world.Access.SaveAsync(db, default);
        return User(user);
    }

    public static async Task<string> RoleAsync(this ContainerWorld world, string name, IEnumerable<string> permissions)
    {
        await using var db = world.Database.CreateDbContext();
        db.Roles.Add(new RoleEntity { Id = name, Name = name, FoldedName = name, PermissionsJson = JsonSerializer.Serialize(permissions) });
        await world.Access.SaveAsync(db, default);
        return name;
    }

    public static async Task CollectionAsync(this ContainerWorld world, string path, CollectionPolicy? policy = null)
    {
        await using var db = world.Database.CreateDbContext();
        db.Collections.Add(new CollectionEntity { Path = path, FoldedPath = CollectionPath.Fold(path), PolicyJson = policy?.Write() });
        await world.Access.SaveAsync(db, default);
    }

    public static IReadOnlyList<string> Restricted { get; } = BuiltInRoles.All.Single(role => role.Id == BuiltInRoles.RestrictedControlId).Permissions.Names();

    public static ContainerSpec Spec(string json)
    {
        var parsed = ContainerSpecReader.Read(Encoding.UTF8.GetBytes(json));
        parsed.Errors.ShouldBeEmpty();
        return parsed.Value!;
    }

    public static ContainerSpec Host(string members) => Spec("{\"Image\":\"busybox:1\",\"HostConfig\":{" + members + "}}");

    public static Task<IReadOnlyList<AdmissionRefusal>> AdmitAsync(this ContainerWorld world, Caller caller, ContainerSpec spec, string collection = "/Shared") =>
        world.Check.CreateAsync(caller, collection, spec, mayPull: true, CancellationToken.None);

    public static ForbiddenError NotAdmitted(Error? error)
    {
        var forbidden = error.ShouldBeOfType<ForbiddenError>();
        forbidden.Code.ShouldBe("admission.refused");
        forbidden.Fields.ShouldNotBeEmpty();
        return forbidden;
    }
}

/// <summary>One world for many readers: restricted-control, full-control, and restricted-control with one right more, each on /Shared.</summary>
public sealed class AdmissionFixture : IAsyncLifetime
{
    internal ContainerWorld World { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        World = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        await World.GrantAsync("restricted", BuiltInRoles.RestrictedControlId, "/Shared");
        await World.GrantAsync("full", BuiltInRoles.FullControlId, "/Shared");
        foreach (var permission in PermissionCatalog.All.Where(permission => permission.Group == "host"))
        {
            await World.GrantAsync(permission.Name, await World.RoleAsync("r." + permission.Name, [.. AdmissionSetup.Restricted, permission.Name]), "/Shared");
        }
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
