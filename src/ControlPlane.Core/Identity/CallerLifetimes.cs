using ControlPlane.Core.Access;

namespace ControlPlane.Core.Identity;

/// <summary>
/// Ends what is open (hubs, event streams, logs, attached terminals) when the credential that opened it counts no longer, or when its
/// user's rights changed: clients come back and are judged anew.
/// </summary>
public sealed class CallerLifetimes : IDisposable
{
    private readonly CallerCache _cache;
    private readonly AccessStore _access;
    private readonly Lock _sync = new();
    private readonly HashSet<CallerLease> _open = [];

    public CallerLifetimes(CallerCache cache, AccessStore access)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(access);
        (_cache, _access) = (cache, access);
        _cache.Removed += OnRemoved;
        _access.Published += OnPublished;
    }

    /// <summary>To be disposed when the stream ends. Ask <see cref="CredentialState"/> afterwards: the credential may have ended just before.</summary>
    public CallerLease Open(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var lease = new CallerLease(this, caller, _access.Current.RightsOf(caller.Id));
        lock (_sync)
        {
            _open.Add(lease);
        }

        return lease;
    }

    /// <summary>Whose streams are open now.</summary>
    public IReadOnlyList<Caller> OpenCallers()
    {
        lock (_sync)
        {
            return [.. _open.Select(lease => lease.Caller)];
        }
    }

    public void Dispose()
    {
        _cache.Removed -= OnRemoved;
        _access.Published -= OnPublished;
    }

    internal void Close(CallerLease lease)
    {
        lock (_sync)
        {
            _open.Remove(lease);
        }
    }

    private void OnRemoved(string? credentialId, string? userId) =>
        End(lease => credentialId is not null ? lease.Caller.CredentialId == credentialId : lease.Caller.Id == userId);

    // Only users with something open are compared; grants do not concern administrators.
    private void OnPublished(AccessSnapshot snapshot) =>
        End(lease => !lease.Caller.IsAdministrator && !Same(lease.Rights.Granted, snapshot.RightsOf(lease.Caller.Id).Granted));

    private static bool Same(IReadOnlyDictionary<string, PermissionSet> before, IReadOnlyDictionary<string, PermissionSet> after) =>
        before.Count == after.Count && before.All(pair => after.TryGetValue(pair.Key, out var rights) && rights == pair.Value);

    private void End(Func<CallerLease, bool> match)
    {
        List<CallerLease> ended;
        lock (_sync)
        {
            ended = [.. _open.Where(match)];
            _open.ExceptWith(ended);
        }

        // Outside of the lock: what hears of it may close the lease.
        foreach (var lease in ended)
        {
            lease.End();
        }
    }
}

/// <summary>One open stream of a caller.</summary>
public sealed class CallerLease : IDisposable
{
    private readonly CallerLifetimes _lifetimes;

    // Never disposed: it is ended by others at any time, and holds no timer.
    private readonly CancellationTokenSource _ended = new();

    internal CallerLease(CallerLifetimes lifetimes, Caller caller, SubjectRights rights)
    {
        (_lifetimes, Caller, Rights) = (lifetimes, caller, rights);
        Ended = _ended.Token;
    }

    public Caller Caller { get; }

    /// <summary>Cancelled when the stream has to end.</summary>
    public CancellationToken Ended { get; }

    internal SubjectRights Rights { get; }

    public void Dispose() => _lifetimes.Close(this);

    internal void End() => _ended.Cancel();
}
