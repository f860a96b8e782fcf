using System.Diagnostics;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Audit;

public sealed class RefusalTests
{
    private const int Flood = 20_000;

    [Theory, DatabaseData]
    public async Task A_flood_of_one_caller_is_two_entries_and_nothing_is_lost(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);

        for (var i = 0; i < Flood; i++)
        {
            (await RefuseAsync(world, AuditWorld.Stranger with { RequestId = $"r{i}" })).ShouldBeOfType<ForbiddenError>();
        }

        world.Refusals.Held.ShouldBe(1);
        await world.Writer.FlushAsync(all: false, default);
        var first = (await world.EntriesAsync()).ShouldHaveSingleItem();
        (first.Count, first.RequestId, first.Result, first.ActorName, first.CredentialId).ShouldBe((1, "r0", AuditTrail.Refused, "stranger", "t2"));
        world.Clock.Advance(RefusalLog.Window);
        await world.Writer.FlushAsync(all: false, default);

        var entries = await world.EntriesAsync();
        entries.Count.ShouldBe(2);
        entries.Sum(entry => entry.Count).ShouldBe(Flood);
        entries.ShouldContain(entry => entry.Count == Flood - 1 && entry.RequestId == $"r{Flood - 1}");
        world.Clock.Advance(RefusalLog.Window);
        await world.Writer.FlushAsync(all: false, default);
        world.Refusals.Held.ShouldBe(0);
    }

    [Fact]
    public async Task A_flood_over_20_000_objects_is_told_as_200_and_the_rest()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        for (var i = 0; i < Flood; i++)
        {
            await RefuseAsync(world, AuditWorld.Stranger, $"object{i}");
        }

        world.Refusals.Held.ShouldBe(RefusalLog.MaxOfCaller + 1);
        await world.Writer.FlushAsync(all: true, default);
        var entries = await world.EntriesAsync();
        entries.Count.ShouldBe(RefusalLog.MaxOfCaller + 2);
        entries.Sum(entry => entry.Count).ShouldBe(Flood);
        entries.Where(entry => entry.ObjectName == "many objects").Sum(entry => entry.Count).ShouldBe(Flood - RefusalLog.MaxOfCaller);
    }

    [Fact]
    public async Task A_flood_of_20_000_callers_is_bounded_in_memory_and_rows()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        for (var i = 0; i < Flood; i++)
        {
            await RefuseAsync(world, AuditWorld.Stranger with { Id = $"u{i}", Name = $"n{i}" });
        }

        world.Refusals.Held.ShouldBe(RefusalLog.MaxKinds + 1);
        await world.Writer.FlushAsync(all: true, default);
        var entries = await world.EntriesAsync();
        entries.Count.ShouldBe(RefusalLog.MaxKinds + 2);
        entries.Sum(entry => entry.Count).ShouldBe(Flood);
        entries.ShouldContain(entry => entry.ActorName == "many callers");
    }

    [Fact]
    public async Task A_flood_of_anonymous_refusals_is_one_count_for_each_address_up_to_a_thousand()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        for (var i = 0; i < Flood; i++)
        {
            await RefuseAsync(world, Caller.Anonymous($"r{i}", $"10.{i / 65536}.{i / 256 % 256}.{i % 256}"));
            await RefuseAsync(world, Caller.Anonymous($"r{i}", "10.0.0.0"));
        }

        var taken = world.Anonymous.Take();
        taken.Count.ShouldBe(AnonymousRefusals.MaxKinds + 1);
        taken.Sum(kind => kind.Count).ShouldBe(2 * Flood);
        taken.Single(kind => kind.Address == "10.0.0.0").Count.ShouldBe(Flood + 1);
        taken.Single(kind => kind.Address == "many").Count.ShouldBe(Flood - AnonymousRefusals.MaxKinds);
        world.Anonymous.Take().ShouldBeEmpty();
        (await world.EntriesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Counts_that_were_given_back_are_not_lost()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await RefuseAsync(world, Caller.Anonymous("r", "10.0.0.1"));
        var taken = world.Anonymous.Take();
        await RefuseAsync(world, Caller.Anonymous("r", "10.0.0.1"));

        world.Anonymous.GiveBack(taken);

        world.Anonymous.Take().ShouldHaveSingleItem().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Parallel_refusals_add_up()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        await Parallel.ForEachAsync(Enumerable.Range(0, Flood), async (i, _) => await RefuseAsync(world, AuditWorld.Stranger, $"object{i % 7}"));
        await world.Writer.FlushAsync(all: true, default);

        (await world.EntriesAsync()).Sum(entry => entry.Count).ShouldBe(Flood);
    }

    [Fact]
    public async Task Different_objects_actions_addresses_and_credentials_are_told_apart()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await RefuseAsync(world, AuditWorld.Stranger);
        await RefuseAsync(world, AuditWorld.Stranger, "other");
        await RefuseAsync(world, AuditWorld.Stranger with { RemoteAddress = "10.9.9.9" });
        await RefuseAsync(world, AuditWorld.Stranger with { CredentialId = "another" });
        await world.Gate.RequireAsync(AuditWorld.Stranger, Permission.NodesRemove, Collections.System, new AuditObject("node", "n1"), default);

        await world.Writer.FlushAsync(all: false, default);

        (await world.EntriesAsync()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_database_that_hangs_delays_no_refusal()
    {
        var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var hanging = new HangingDatabases(database);
        using var world = new AuditWorld(database, hanging);
        await RefuseAsync(world, AuditWorld.Stranger);
        var flush = world.Writer.FlushAsync(all: false, default);
        await hanging.Asked.WaitAsync(TimeSpan.FromSeconds(10));

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Flood; i++)
        {
            var refusing = RefuseAsync(world, AuditWorld.Stranger);
            refusing.IsCompleted.ShouldBeTrue();
            await refusing;
        }

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        flush.IsCompleted.ShouldBeFalse();
        hanging.Release();
        await flush.WaitAsync(TimeSpan.FromSeconds(10));
        await world.Writer.FlushAsync(all: true, default);
        (await world.EntriesAsync()).Sum(entry => entry.Count).ShouldBe(Flood + 1);
    }

    [Theory, DatabaseData]
    public async Task An_orderly_stop_writes_what_is_held(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        using var stopping = new CancellationTokenSource();
        var duty = world.Writer.RunAsync(stopping.Token);
        for (var i = 0; i < 10; i++)
        {
            await RefuseAsync(world, AuditWorld.Stranger);
        }

        await stopping.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(duty);

        (await world.EntriesAsync()).Sum(entry => entry.Count).ShouldBe(10);
    }

    [Fact]
    public async Task An_entry_whose_commit_was_not_answered_is_not_written_twice()
    {
        var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        using var world = new AuditWorld(database, new ForgetfulDatabases(database));
        await RefuseAsync(world, AuditWorld.Stranger);

        var flush = world.Writer.FlushAsync(all: false, default);
        while (!flush.IsCompleted)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await flush;
        (await world.EntriesAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Without_a_log_a_refusal_is_written_at_once()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        var trail = new AuditTrail(world.Database, world.Clock);

        await trail.RecordAsync(AuditWorld.Stranger, "users.create", new AuditObject("user", ""), AuditTrail.Refused, null, default);

        (await world.EntriesAsync()).ShouldHaveSingleItem();
    }

    private static async Task<Error?> RefuseAsync(AuditWorld world, Caller caller, string id = "x") =>
        await world.Gate.RequireAsync(caller, Permission.UsersCreate, Collections.System, new AuditObject("user", id), default);

    private sealed class HangingDatabases(TestDatabase database) : IDbContextFactory<ControlPlaneDb>
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public void Release() => _released.SetResult();

        public ControlPlaneDb CreateDbContext() => throw new NotSupportedException();

        public async Task<ControlPlaneDb> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult();
            await _released.Task;
            return database.CreateDbContext();
        }
    }

    /// <summary>The first commit arrives, and its answer does not.</summary>
    private sealed class ForgetfulDatabases(TestDatabase database) : IDbContextFactory<ControlPlaneDb>
    {
        private bool _forgot;

        public ControlPlaneDb CreateDbContext()
        {
            var db = database.CreateDbContext();
            if (!_forgot)
            {
                db.SavedChanges += (_, _) =>
                {
                    if (!_forgot)
                    {
                        _forgot = true;
                        throw new TimeoutException("no answer");
                    }
                };
            }

            return db;
        }
    }
}
