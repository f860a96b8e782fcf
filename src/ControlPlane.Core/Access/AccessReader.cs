using System.Text.Json;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access;

/// <summary>From rows to a snapshot.</summary>
internal static class AccessReader
{
    public static async Task<AccessSnapshot> ReadAsync(ControlPlaneDb db, long version, CancellationToken cancellationToken)
    {
        var roles = await db.Roles.AsNoTracking().ToListAsync(cancellationToken);
        var collections = await db.Collections.AsNoTracking().ToListAsync(cancellationToken);
        var teams = await db.Teams.AsNoTracking().Select(team => new TeamRecord(team.Id, team.Name)).ToListAsync(cancellationToken);
        var members = await db.TeamMembers.AsNoTracking().Select(member => new ValueTuple<string, string>(member.TeamId, member.UserId)).ToListAsync(cancellationToken);
        var grants = await db.Grants.AsNoTracking().ToListAsync(cancellationToken);
        return new AccessSnapshot(
            version,
            roles.ConvertAll(ToRole),
            collections.ConvertAll(ToCollection),
            teams,
            members,
            grants.ConvertAll(ToGrant));
    }

    public static RoleDefinition ToRole(RoleEntity role) =>
        new(role.Id, role.Name, role.Description ?? "", PermissionSet.Of(JsonSerializer.Deserialize<string[]>(role.PermissionsJson) ?? []), false);

    public static CollectionRecord ToCollection(CollectionEntity row) =>
        new(row.Path, row.Description, row.PolicyJson is null ? null : CollectionPolicy.Read(row.PolicyJson), row.Version);

    public static GrantRecord ToGrant(GrantEntity grant) =>
        new(grant.Id, ReadKind(grant.SubjectKind), grant.SubjectId, grant.RoleId, grant.Collection);

    public static string Write(SubjectKind kind) => kind switch
    {
        SubjectKind.User => "user",
        SubjectKind.Team => "team",
        _ => "everyone",
    };

    private static SubjectKind ReadKind(string text) => text switch
    {
        "user" => SubjectKind.User,
        "team" => SubjectKind.Team,
        "everyone" => SubjectKind.Everyone,
        _ => throw new InvalidDataException($"A grant has the unknown subject kind '{text}'."),
    };
}
