using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Hosting;

/// <summary>One line per event on standard output: time (UTC), level, category, sentence. The framework's own console logger costs megabytes under AOT.</summary>
internal sealed class ConsoleLoggerProvider(TextWriter output, TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var at = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var cause = exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})";
        var line = $"{at} {Short(level)} {category[(category.LastIndexOf('.') + 1)..]}: {message}{cause}".ReplaceLineEndings(" ");
        lock (output)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Warning => "WRN",
        LogLevel.Error or LogLevel.Critical => "ERR",
        LogLevel.Information => "INF",
        _ => "DBG",
    };

    private sealed class LineLogger(ConsoleLoggerProvider provider, string category) : ILogger
    {
        // Libraries speak only when something is broken; the agent says the rest itself.
        private readonly LogLevel _least = category.StartsWith("ControlPlane.", StringComparison.Ordinal) ? LogLevel.Information : LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= _least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }
}
