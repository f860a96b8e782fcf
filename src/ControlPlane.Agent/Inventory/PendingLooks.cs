namespace ControlPlane.Agent.Inventory;

/// <summary>What has to be read from the engine, and when: events about one thing within a moment are one look.</summary>
internal sealed class PendingLooks(TimeProvider time)
{
    /// <summary>A start is up to ten events within a few milliseconds; fifty still feel immediate.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ListMoment = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, long> _due = new(StringComparer.Ordinal);

    public const string Images = "images";
    public const string Networks = "networks";
    public const string Volumes = "volumes";
    public const string Engine = "engine";

    /// <summary>Nothing to look at: events that wait for a report in vain go by themselves.</summary>
    public const string Events = "events";

    public void Add(EngineNotice notice)
    {
        if (notice.TouchedContainer is { } container)
        {
            Add(container, Moment);
        }

        if (notice.RemovesContainer)
        {
            _due.Remove(notice.ObjectId);
        }

        if (notice.TouchesImages)
        {
            Add(Images, ListMoment);
        }

        if (notice.TouchesNetworks)
        {
            Add(Networks, ListMoment);
        }

        if (notice.TouchesVolumes)
        {
            Add(Volumes, ListMoment);
        }

        if (notice.TouchesEngine)
        {
            Add(Engine, ListMoment);
        }

        Add(Events, ListMoment);
    }

    public void Add(string what, TimeSpan delay) =>
        _due.TryAdd(what, time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency));

    /// <summary>Time until the next look; null when there is none.</summary>
    public TimeSpan? UntilNext()
    {
        if (_due.Count == 0)
        {
            return null;
        }

        var wait = _due.Values.Min() - time.GetTimestamp();
        return wait <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)wait / time.TimestampFrequency);
    }

    /// <summary>Takes what is due now.</summary>
    public IReadOnlyList<string> TakeDue()
    {
        var now = time.GetTimestamp();
        List<string> due = [.. _due.Where(look => look.Value <= now).Select(look => look.Key)];
        due.ForEach(look => _due.Remove(look));
        return due;
    }
}
