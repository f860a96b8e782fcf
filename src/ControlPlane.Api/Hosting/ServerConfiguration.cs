using ControlPlane.Core.Data;
using ControlPlane.Core.Options;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>appsettings.json, then <c>CONTROLPLANE_Server__Port</c>, then the command line.</summary>
internal static class ServerConfiguration
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--data"] = "Server:DataDirectory",
        ["--port"] = "Server:Port",
        ["--docker-port"] = "Server:DockerPort",
        ["--listen"] = "Server:ListenAddress",
        ["--public-url"] = "Server:PublicUrl",
        ["--join-token-file"] = "Server:JoinTokenFile",
        ["--direct-url"] = "Server:DirectUrl",
        ["--trusted-proxies"] = "Server:TrustedProxies",
        ["--database"] = "Database:Connection",
        ["--user"] = "user",
        ["--expect"] = "expect",
        ["--format"] = "format",
        ["--out"] = "out",
    };

    /// <summary>The same settings for commands that do not put the server together.</summary>
    public static IConfiguration Read(string[] args) => new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables("CONTROLPLANE_")
        .AddCommandLine(args, Switches)
        .Build();

    public static void AddServerConfiguration(this WebApplicationBuilder builder, string[] args)
    {
        builder.Configuration.AddEnvironmentVariables("CONTROLPLANE_");
        builder.Configuration.AddCommandLine(args, Switches);
        // What the framework would listen on; only Server:* decides.
        builder.Configuration["urls"] = "";
    }

    public static void AddServerOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ServerOptions, ServerOptionsValidator>(ServerOptions.Section);
        builder.Services.AddValidatedOptions<DatabaseOptions, DatabaseOptionsValidator>(DatabaseOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseSettings>();
        builder.Services.PostConfigure<ServerOptions>(options =>
        {
            if (!string.IsNullOrWhiteSpace(options.DataDirectory))
            {
                options.DataDirectory = Path.GetFullPath(options.DataDirectory);
            }
        });
    }
}
