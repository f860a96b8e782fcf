using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access.Administration;

/// <summary>Names of the users that grants are for; teams' names are in the snapshot.</summary>
internal static class SubjectNames
{
    public static async Task<Dictionary<string, string>> OfUsersAsync(ControlPlaneDb db, IEnumerable<GrantRecord> grants, CancellationToken cancellationToken)
    {
        var ids = grants.Where(grant => grant.SubjectKind == SubjectKind.User).Select(grant => grant.SubjectId).Distinct(StringComparer.Ordinal).ToList();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        // Both databases limit the number of parameters of a statement.
        foreach (var some in ids.Chunk(500))
        {
            foreach (var user in await db.Users.AsNoTracking().Where(user => some.Contains(user.Id)).Select(user => new { user.Id, user.Name }).ToListAsync(cancellationToken))
            {
                names[user.Id] = user.Name;
            }
        }

        return names;
    }

    public static string Of(GrantRecord grant, AccessSnapshot access, Dictionary<string, string> users) => grant.SubjectKind switch
    {
        SubjectKind.Everyone => "everyone",
        SubjectKind.Team => access.Teams.GetValueOrDefault(grant.SubjectId)?.Name ?? grant.SubjectId,
        _ => users.GetValueOrDefault(grant.SubjectId, grant.SubjectId),
    };
}
