using System.Text;
using System.Xml.Linq;
using ControlPlane.Core.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Secrets;

/// <summary>The keys behind antiforgery tokens, wrapped in the database like every other secret: in the backup, and no use without <c>server.key</c>.</summary>
internal sealed class DataProtectionKeys(IDbContextFactory<ControlPlaneDb> databases, SecretBox box, TimeProvider clock) : IXmlRepository
{
    private const string Prefix = "data-protection/";

    // The framework asks synchronously, once at the start and at each rotation.
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = databases.CreateDbContext();
        return [.. db.Secrets.AsNoTracking().Where(secret => secret.Name.StartsWith(Prefix)).AsEnumerable()
            .Select(secret => XElement.Parse(Encoding.UTF8.GetString(box.Unwrap(secret.Wrapped, secret.Name))))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = databases.CreateDbContext();
        var name = Prefix + friendlyName;
        var text = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        db.Secrets.Add(new SecretEntity { Name = name, Wrapped = box.Wrap(text, name), CreatedAt = clock.GetUtcNow().UtcDateTime });
        db.SaveChanges();
    }
}

/// <summary>Registers them.</summary>
public static class DataProtectionRegistration
{
    public static IServiceCollection AddWrappedDataProtection(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("ControlPlane");
        services.AddSingleton<IXmlRepository, DataProtectionKeys>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(options =>
            {
                options.XmlRepository = provider.GetRequiredService<IXmlRepository>();
                options.XmlEncryptor = new AlreadyWrapped();
            }));
        return services;
    }
}
