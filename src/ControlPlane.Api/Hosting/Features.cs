namespace ControlPlane.Api.Hosting;

/// <summary>What the server serves besides its own foundation: one line per feature.</summary>
internal static class Features
{
    public static void AddFeatures(this WebApplicationBuilder builder) => ArgumentNullException.ThrowIfNull(builder);

    public static void MapFeatures(this WebApplication app) => ArgumentNullException.ThrowIfNull(app);
}
