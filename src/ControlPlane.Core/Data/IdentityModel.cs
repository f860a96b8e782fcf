using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Data;

/// <summary>Keys and indexes of accounts and credentials.</summary>
internal static class IdentityModel
{
    public static void Configure(ModelBuilder model)
    {
        model.Entity<UserEntity>(user =>
        {
            user.HasIndex(u => u.FoldedName).IsUnique();
            user.Property(u => u.Source).HasDefaultValue("local");
            user.Property(u => u.Version).IsConcurrencyToken();
        });
        model.Entity<ExternalIdentityEntity>(identity =>
        {
            identity.HasKey(i => new { i.Issuer, i.Subject });
            identity.HasIndex(i => i.UserId);
        });
        model.Entity<RecoveryCodeEntity>().HasIndex(code => code.UserId);
        model.Entity<SessionEntity>(session =>
        {
            session.HasIndex(s => s.UserId);
            session.HasIndex(s => s.ExpiresAt);
            session.HasIndex(s => s.ProviderSession);
            session.Property(s => s.Method).HasDefaultValue("password");
        });
        model.Entity<ApiTokenEntity>(token =>
        {
            token.HasIndex(t => t.UserId);
            token.Property(t => t.Kind).HasDefaultValue("token");
        });
        model.Entity<ClientCertificateEntity>(certificate =>
        {
            certificate.HasIndex(c => c.UserId);
            certificate.HasIndex(c => c.Thumbprint).IsUnique();
        });
        model.Entity<DirectorySyncEntity>().HasIndex(sync => sync.StartedAt);
    }
}
