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
    }

    public void Add(string what, TimeSpan delay) =>
        _due.TryAdd(what, time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency));

    /// <summary>Time until the next look that is not one of <paramref name="running"/>; null when there is none.</summary>
    public TimeSpan? UntilNext(IReadOnlyCollection<string> running)
    {
        long? next = null;
        foreach (var (what, due) in _due)
        {
            if (due < (next ?? long.MaxValue) && !running.Contains(what))
            {
                next = due;
            }
        }

        return next is not { } at ? null : TimeSpan.FromSeconds(Math.Max(0, (double)(at - time.GetTimestamp()) / time.TimestampFrequency));
    }

    /// <summary>Takes the first that is due now and not one of <paramref name="running"/>: what is being looked at is looked at again afterwards, not twice at once.</summary>
    public string? TakeDue(IReadOnlyCollection<string> running)
    {
        var now = time.GetTimestamp();
        string? first = null;
        foreach (var (what, due) in _due)
        {
            if (due <= now && (first is null || due < _due[first]) && !running.Contains(what))
            {
                first = what;
            }
        }

        if (first is not null)
        {
            _due.Remove(first);
        }

        return first;
    }
}
