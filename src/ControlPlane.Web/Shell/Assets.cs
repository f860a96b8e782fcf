using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Web.Shell;

/// <summary>The built scripts and styles; says so when they have not been built.</summary>
public sealed partial class Assets
{
    public Assets(IWebHostEnvironment environment, ILogger<Assets> logger)
    {
        Present = environment.WebRootFileProvider is { } files && Exists(files);
        if (!Present)
        {
            LogMissing(logger);
        }
    }

    public bool Present { get; }

    private static bool Exists(IFileProvider files) => files.GetFileInfo("assets/dist/app.js").Exists;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dashboard's scripts and styles are missing: run 'npm ci && npm run build' in src/ControlPlane.Web and start again.")]
    private static partial void LogMissing(ILogger logger);
}
