using Cronos;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>When the synchronisation runs: cron without seconds, in UTC.</summary>
internal static class SyncSchedule
{
    /// <summary>Null when it is none.</summary>
    public static CronExpression? Parse(string text) => text.Length <= 100 && CronExpression.TryParse(text, CronFormat.Standard, out var expression) ? expression : null;

    /// <summary>Null when there is no next time.</summary>
    public static DateTimeOffset? Next(DirectorySettings settings, DateTimeOffset after) =>
        settings.Enabled && Parse(settings.SyncSchedule)?.GetNextOccurrence(after.UtcDateTime) is { } next ? new DateTimeOffset(next, TimeSpan.Zero) : null;
}
