using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ControlPlane.Core.Data;

/// <summary>
/// The database: intent, identity, audit, and what is written behind. The model is the same for SQLite and PostgreSQL;
/// migrations live with the providers.
/// </summary>
public sealed class ControlPlaneDb(DbContextOptions<ControlPlaneDb> options) : DbContext(options)
{
    public DbSet<UserEntity> Users => Set<UserEntity>();
    public DbSet<SessionEntity> Sessions => Set<SessionEntity>();
    public DbSet<ApiTokenEntity> ApiTokens => Set<ApiTokenEntity>();
    public DbSet<ClientCertificateEntity> ClientCertificates => Set<ClientCertificateEntity>();
    public DbSet<ExternalIdentityEntity> ExternalIdentities => Set<ExternalIdentityEntity>();
    public DbSet<RecoveryCodeEntity> RecoveryCodes => Set<RecoveryCodeEntity>();
    public DbSet<DirectorySyncEntity> DirectorySyncs => Set<DirectorySyncEntity>();
    public DbSet<TeamEntity> Teams => Set<TeamEntity>();
    public DbSet<TeamMemberEntity> TeamMembers => Set<TeamMemberEntity>();
    public DbSet<RoleEntity> Roles => Set<RoleEntity>();
    public DbSet<CollectionEntity> Collections => Set<CollectionEntity>();
    public DbSet<GrantEntity> Grants => Set<GrantEntity>();
    public DbSet<JoinTokenEntity> JoinTokens => Set<JoinTokenEntity>();
    public DbSet<NodeEntity> Nodes => Set<NodeEntity>();
    public DbSet<ContainerEntity> Containers => Set<ContainerEntity>();
    public DbSet<OwnedObjectEntity> OwnedObjects => Set<OwnedObjectEntity>();
    public DbSet<OperationEntity> Operations => Set<OperationEntity>();
    public DbSet<AuditEntity> Audit => Set<AuditEntity>();
    public DbSet<AuditSealEntity> AuditSeals => Set<AuditSealEntity>();
    public DbSet<EventEntity> Events => Set<EventEntity>();
    public DbSet<IdempotencyEntity> IdempotencyKeys => Set<IdempotencyEntity>();
    public DbSet<SecretEntity> Secrets => Set<SecretEntity>();
    public DbSet<SettingEntity> Settings => Set<SettingEntity>();
    public DbSet<LeaseEntity> Leases => Set<LeaseEntity>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // One rule for time on both databases: UTC in, UTC out.
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        IdentityModel.Configure(modelBuilder);
        AccessModel.Configure(modelBuilder);
        modelBuilder.Entity<JoinTokenEntity>().Property(t => t.Collection).HasDefaultValue(Access.Collections.Shared);
        modelBuilder.Entity<NodeEntity>(node =>
        {
            node.HasIndex(n => n.Name).IsUnique();
            node.HasIndex(n => n.KeyThumbprint).IsUnique();
            node.Property(n => n.Collection).HasDefaultValue(Access.Collections.Shared);
            node.Property(n => n.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<ContainerEntity>(container =>
        {
            container.HasIndex(c => c.Name).IsUnique();
            container.HasIndex(c => c.NodeId);
            container.Property(c => c.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<OwnedObjectEntity>(owned =>
        {
            owned.HasIndex(o => new { o.Kind, o.NodeId, o.Key }).IsUnique();
            owned.HasIndex(o => o.Collection);
        });
        modelBuilder.Entity<OperationEntity>(operation =>
        {
            operation.HasIndex(o => o.CreatedAt);
            operation.HasIndex(o => o.State);
        });
        modelBuilder.Entity<AuditEntity>(entry =>
        {
            entry.HasIndex(a => a.At);
            entry.HasIndex(a => new { a.Seal, a.SealIndex });
        });
        modelBuilder.Entity<AuditSealEntity>(seal =>
        {
            seal.HasKey(s => s.Number);
            seal.Property(s => s.Number).ValueGeneratedNever();
        });
        modelBuilder.Entity<EventEntity>(evt =>
        {
            evt.HasIndex(e => e.At);
            evt.HasIndex(e => e.ObjectId);
            evt.HasIndex(e => e.NodeId);
        });
        modelBuilder.Entity<IdempotencyEntity>(key =>
        {
            key.HasKey(k => new { k.Principal, k.Key });
            key.HasIndex(k => k.CreatedAt);
        });
        modelBuilder.Entity<SecretEntity>().HasKey(s => s.Name);
        modelBuilder.Entity<SettingEntity>(setting =>
        {
            setting.HasKey(s => s.Name);
            setting.Property(s => s.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<LeaseEntity>().Property(l => l.Id).ValueGeneratedNever();
    }

    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        CountVersions();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        CountVersions();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    private void CountVersions()
    {
        foreach (var entry in ChangeTracker.Entries<IVersioned>())
        {
            if (entry.State is EntityState.Added or EntityState.Modified)
            {
                entry.Entity.Version++;
            }
        }
    }

    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        value => value.Kind == DateTimeKind.Utc ? value : value.ToUniversalTime(),
        value => DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
