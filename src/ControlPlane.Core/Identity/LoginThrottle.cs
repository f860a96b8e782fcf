namespace ControlPlane.Core.Identity;

/// <summary>Slows guessing: five attempts per 15 s for an account and for an address, then a pause that doubles.</summary>
public sealed class LoginThrottle(TimeProvider clock)
{
    private const int Attempts = 5;

    // Bounded: outsiders choose the names.
    private const int MaxKeys = 50_000;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(30);

    private readonly Lock _sync = new();
    private readonly Dictionary<string, Record> _records = new(StringComparer.Ordinal);

    /// <summary>Counts an attempt; seconds to wait when it is one too many, else 0.</summary>
    public int Enter(string account, string? address)
    {
        lock (_sync)
        {
            var now = clock.GetUtcNow();
            if (_records.Count > MaxKeys)
            {
                Sweep(now);
            }

            // Judged before either is counted, so that a blocked address does not lock the account out.
            var byAccount = For("account:" + account, now);
            var byAddress = For("address:" + address, now);
            var until = byAccount.BlockedUntil > byAddress.BlockedUntil ? byAccount.BlockedUntil : byAddress.BlockedUntil;
            if (until > now)
            {
                return Math.Max(1, (int)Math.Ceiling((until - now).TotalSeconds));
            }

            byAccount.Count(now);
            byAddress.Count(now);
            return 0;
        }
    }

    /// <summary>A good password clears both.</summary>
    public void Succeeded(string account, string? address)
    {
        lock (_sync)
        {
            _records.Remove("account:" + account);
            _records.Remove("address:" + address);
        }
    }

    private Record For(string key, DateTimeOffset now)
    {
        if (!_records.TryGetValue(key, out var record) || now - record.Last > Forget)
        {
            _records[key] = record = new Record();
        }

        record.Last = now;
        return record;
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var key in _records.Where(pair => pair.Value.BlockedUntil <= now && now - pair.Value.Last > Window).Select(pair => pair.Key).ToList())
        {
            _records.Remove(key);
        }

        if (_records.Count > MaxKeys)
        {
            _records.Clear();
        }
    }

    private sealed class Record
    {
        private readonly Queue<DateTimeOffset> _attempts = new();
        private int _blocks;

        public DateTimeOffset Last { get; set; }

        public DateTimeOffset BlockedUntil { get; private set; }

        public void Count(DateTimeOffset now)
        {
            while (_attempts.TryPeek(out var oldest) && now - oldest >= Window)
            {
                _attempts.Dequeue();
            }

            _attempts.Enqueue(now);
            if (_attempts.Count >= Attempts)
            {
                var pause = TimeSpan.FromSeconds(Window.TotalSeconds * Math.Pow(2, Math.Min(_blocks++, 10)));
                BlockedUntil = now + (pause < LongestPause ? pause : LongestPause);
                _attempts.Clear();
            }
        }
    }
}
