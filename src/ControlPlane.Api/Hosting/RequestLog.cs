using System.Diagnostics;
using ControlPlane.Core.Identity;

namespace ControlPlane.Api.Hosting;

/// <summary>One line per request; paths only, because queries may hold tickets.</summary>
internal static partial class RequestLog
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    public static void UseRequestLog(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ControlPlane.Requests");
        app.Use(async (context, next) =>
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await next(context);
            }
            finally
            {
                var took = Stopwatch.GetElapsedTime(start);
                var status = context.Response.StatusCode;
                // Agents and probes ask all the time: their good answers are noise.
                var level = status >= 500 || took > Slow ? LogLevel.Information : LogLevel.Debug;
                LogRequest(logger, level, context.Request.Method, Visible(context.Request.Path), status, took.TotalMilliseconds, context.GetCaller().Name, context.GetRequestId());
            }
        });
    }

    private static string Visible(PathString path)
    {
        var text = path.ToUriComponent();
        return text.Length <= 200 ? text : text[..200] + "…";
    }

    [LoggerMessage("{Method} {Path} {Status} in {Milliseconds:F1} ms for {Caller}, request {RequestId}.")]
    private static partial void LogRequest(ILogger logger, LogLevel level, string method, string path, int status, double milliseconds, string caller, string requestId);
}
