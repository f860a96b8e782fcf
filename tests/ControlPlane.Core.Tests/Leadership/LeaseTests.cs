using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Core.Data;
using ControlPlane.Core.Data.Faults;
using ControlPlane.Core.Leadership;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Leadership;

/// <summary>One server per database: who starts later leads, and the earlier one sees it.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Lifetime _lifetime = new();
    private readonly Told _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [DatabaseData]
    public async Task Servers_that_start_at_once_have_epochs_of_their_own(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var leases = Enumerable.Range(0, 6).Select(_ => new LeaderLease(database, _clock)).ToList();

        await Task.WhenAll(leases.Select(lease => Task.Run(() => lease.TakeAsync(Cancellation), Cancellation)));

        leases.Select(lease => lease.Epoch).Order().ShouldBe([1L, 2, 3, 4, 5, 6]);
        await using var db = database.CreateDbContext();
        (await db.Leases.SingleAsync(Cancellation)).Epoch.ShouldBe(6);
    }

    [Theory]
    [DatabaseData]
    public async Task A_server_sees_at_its_next_look_that_another_one_has_taken_the_lease_ends_and_says_who(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var first = await TakenAsync(database);
        var watching = Watch(first).RunAsync(Cancellation);
        await TakenAsync(database);

        _clock.Advance(Period);
        await watching.WaitAsync(Limit, Cancellation);

        _lifetime.IsStopped.ShouldBeTrue();
        first.IsLost.ShouldBeTrue();
        _log.Lines.ShouldBe([
            (LogLevel.Critical, $"Another server ({Environment.MachineName}/{Environment.ProcessId}) uses this database since epoch 2; this one has epoch 1 and ends. One server per database.")]);
    }

    [Fact]
    public async Task A_lone_server_goes_on_also_when_the_database_was_set_back_to_an_older_epoch()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await TakenAsync(database);
        var looks = new Looks(database);
        var lease = await TakenAsync(looks);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watching = Watch(lease).RunAsync(stop.Token);

        await LookedAsync(looks, 3);
        await using (var db = database.CreateDbContext())
        {
            await db.Leases.ExecuteUpdateAsync(row => row.SetProperty(l => l.Epoch, 1), Cancellation);
        }

        await LookedAsync(looks, 3);
        await using (var db = database.CreateDbContext())
        {
            await db.Leases.ExecuteDeleteAsync(Cancellation);
        }

        await LookedAsync(looks, 3);
        watching.IsCompleted.ShouldBeFalse();
        _lifetime.IsStopped.ShouldBeFalse();
        lease.IsLost.ShouldBeFalse();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task A_database_that_is_away_ends_nobody_and_whoever_takes_the_lease_afterwards_is_seen()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var looks = new Looks(database);
        var lease = await TakenAsync(looks);
        using var duty = new DutyHost<LeaseWatch>(Watch(lease), _clock, NullLogger<DutyHost<LeaseWatch>>.Instance);
        looks.IsAway = true;
        await duty.StartAsync(Cancellation);

        await UntilAsync(() => looks.Failed >= 5);
        _lifetime.IsStopped.ShouldBeFalse();
        looks.IsAway = false;
        await TakenAsync(database);
        await UntilAsync(() => _lifetime.IsStopped);

        await duty.StopAsync(Cancellation);
        lease.IsLost.ShouldBeTrue();
    }

    private LeaseWatch Watch(LeaderLease lease) => new(lease, _lifetime, _clock, _log);

    private async Task<LeaderLease> TakenAsync(IDbContextFactory<ControlPlaneDb> database)
    {
        var lease = new LeaderLease(database, _clock);
        await lease.TakeAsync(Cancellation);
        return lease;
    }

    /// <summary>So many looks have begun, and all but the last are over.</summary>
    private async Task LookedAsync(Looks looks, int times)
    {
        while (looks.Begun.TryRead(out _))
        {
            // Earlier ones.
        }

        for (var n = 0; n < times; n++)
        {
            _clock.Advance(Period);
            await looks.Begun.ReadAsync(Cancellation).AsTask().WaitAsync(Limit, Cancellation);
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            _clock.Advance(Period);
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>A database that tells when it is used, and can be away.</summary>
    private sealed class Looks(TestDatabase database) : IDbContextFactory<ControlPlaneDb>
    {
        private readonly Channel<int> _begun = Channel.CreateUnbounded<int>();
        private int _failed;

        public ChannelReader<int> Begun => _begun.Reader;

        public bool IsAway { get; set; }

        public int Failed => Volatile.Read(ref _failed);

        public ControlPlaneDb CreateDbContext()
        {
            if (IsAway)
            {
                Interlocked.Increment(ref _failed);
                throw new DatabaseUnavailableException(DatabaseFault.Unavailable, innerException: null);
            }

            _begun.Writer.TryWrite(0);
            return database.CreateDbContext();
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        private volatile bool _isStopped;

        public bool IsStopped => _isStopped;

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _isStopped = true;
    }

    private sealed class Told : ILogger<LeaseWatch>
    {
        private readonly ConcurrentQueue<(LogLevel, string)> _lines = new();

        public IEnumerable<(LogLevel, string)> Lines => _lines;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((logLevel, formatter(state, exception)));
    }
}
