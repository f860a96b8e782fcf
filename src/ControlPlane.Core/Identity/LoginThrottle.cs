namespace ControlPlane.Core.Identity;

/// <summary>
/// Slows guessing: five attempts per 15 s for an account and for an address, then a pause that doubles up to 15 minutes. An address
/// from which the account was signed in to before is counted by itself: whoever guesses from elsewhere does not lock its owner out.
/// </summary>
public sealed class LoginThrottle(TimeProvider clock)
{
    private const int Attempts = 5;

    // Bounded: outsiders choose the names.
    private const int MaxKeys = 50_000;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(30);

    private readonly Lock _sync = new();
    private readonly Dictionary<string, Record> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Account, string Address), DateTimeOffset> _known = [];

    /// <summary>Counts an attempt; seconds to wait when it is one too many, else 0.</summary>
    public int Enter(string account, string? address)
    {
        lock (_sync)
        {
            return Count(AccountKey(account, address), "address:" + address);
        }
    }

    /// <summary>The same for what is guessed by somebody who has shown a password already: one counter.</summary>
    public int Enter(string key)
    {
        lock (_sync)
        {
            return Count("key:" + key, null);
        }
    }

    /// <summary>A good password clears both, and makes the address a known one of the account.</summary>
    public void Succeeded(string account, string? address)
    {
        lock (_sync)
        {
            _records.Remove(AccountKey(account, address));
            _records.Remove("address:" + address);
            Know(account, address);
        }
    }

    public void Succeeded(string key)
    {
        lock (_sync)
        {
            _records.Remove("key:" + key);
        }
    }

    /// <summary>At start: addresses that have sessions.</summary>
    public void KnownAddress(string account, string? address)
    {
        lock (_sync)
        {
            Know(account, address);
        }
    }

    private int Count(string first, string? second)
    {
        var now = clock.GetUtcNow();
        if (_records.Count > MaxKeys)
        {
            Sweep(now);
        }

        // Judged before either is counted, so that a blocked address does not lock the account out.
        var one = For(first, now);
        var two = second is null ? one : For(second, now);
        var until = one.BlockedUntil > two.BlockedUntil ? one.BlockedUntil : two.BlockedUntil;
        if (until > now)
        {
            return Math.Max(1, (int)Math.Ceiling((until - now).TotalSeconds));
        }

        one.Count(now);
        if (two != one)
        {
            two.Count(now);
        }

        return 0;
    }

    private string AccountKey(string account, string? address) =>
        address is not null && _known.TryGetValue((account, address), out var since) && clock.GetUtcNow() - since < KnownFor
            ? $"account:{account}\n{address}"
            : "account:" + account;

    private void Know(string account, string? address)
    {
        if (address is null)
        {
            return;
        }

        if (_known.Count >= MaxKeys)
        {
            _known.Clear();
        }

        _known[(account, address)] = clock.GetUtcNow();
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
