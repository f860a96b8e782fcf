using Microsoft.Extensions.Logging.Console;

namespace ControlPlane.Api.Hosting;

/// <summary>One line per event with UTC; JSON by <c>Logging:Console:FormatterName=json</c>.</summary>
internal static class ServerLogging
{
    private const string Timestamp = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    public static void AddServerLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        // One line per refused request would be an outsider's to write.
        builder.Logging.AddFilter("ControlPlane.Api.SignIn.CallerAuthenticationHandler", LogLevel.Warning);
        // The exception handler says the same with a request id.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        // Without a name the provider falls back to options of its own, which know nothing of the ones below.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Simple);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(format =>
        {
            // One line each: text from outside cannot forge another.
            format.SingleLine = true;
            format.UseUtcTimestamp = true;
            format.TimestampFormat = Timestamp;
        });
        builder.Services.Configure<JsonConsoleFormatterOptions>(format =>
        {
            format.UseUtcTimestamp = true;
            format.TimestampFormat = Timestamp;
        });
    }
}
