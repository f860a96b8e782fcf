using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Data;

/// <summary>Keys and indexes of teams, roles, collections and grants.</summary>
internal static class AccessModel
{
    public static void Configure(ModelBuilder model)
    {
        model.Entity<TeamEntity>(team =>
        {
            team.HasIndex(t => t.FoldedName).IsUnique();
            team.Property(t => t.Version).IsConcurrencyToken();
        });
        model.Entity<TeamMemberEntity>(member =>
        {
            member.HasKey(m => new { m.TeamId, m.UserId, m.Source });
            member.HasIndex(m => m.UserId);
        });
        model.Entity<RoleEntity>(role =>
        {
            role.HasIndex(r => r.FoldedName).IsUnique();
            role.Property(r => r.Version).IsConcurrencyToken();
        });
        model.Entity<CollectionEntity>(collection =>
        {
            collection.HasKey(c => c.Path);
            collection.HasIndex(c => c.FoldedPath).IsUnique();
            collection.Property(c => c.Version).IsConcurrencyToken();
        });
        model.Entity<GrantEntity>(grant =>
        {
            grant.HasIndex(g => new { g.SubjectKind, g.SubjectId, g.RoleId, g.Collection }).IsUnique();
            grant.HasIndex(g => g.Collection);
        });
    }
}
