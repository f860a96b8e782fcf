using System.Diagnostics;
using ControlPlane.Bench.Measuring;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Lists;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>What deciding about access costs a request, and a list filtered for somebody with few grants beside the same list unfiltered.</summary>
internal sealed class AccessBenchmark : IBenchmark
{
    private const int CollectionCount = 100;
    private const int GrantCount = 1_000;
    private const int OwnGrants = 10;

    // One whose ten collections are on the second level: a tenth of the containers.
    private const int UserNumber = 50;
    private const int ChecksPerSample = 64;

    public string Name => "access";

    public string Summary => "checks with 1,000 grants on 100 collections; first page of 30,000 containers for a user with 10 grants beside an administrator";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        using var store = new AccessStore(new NoDatabase());
        var authorizer = new Authorizer(store);
        store.Publish(Snapshot());
        var user = new Caller { Kind = CallerKind.Token, Id = $"user-{UserNumber}", Name = "bench", IsAdministrator = false, RequestId = "bench" };
        var administrator = user with { Id = "root", Name = "root", IsAdministrator = true };
        Checks(report, authorizer, user, quick ? 2_000 : 200_000);
        await ListsAsync(report, authorizer, user, administrator, quick, cancellationToken);
    }

    /// <summary>As one request does it: the endpoint's right anywhere, then the object's on its collection.</summary>
    private static void Checks(Report report, Authorizer authorizer, Caller user, int samples)
    {
        var paths = Enumerable.Range(0, CollectionCount).Select(PathOf).ToArray();
        var taken = new Samples();
        for (var i = 0; i < samples; i++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var check = 0; check < ChecksPerSample; check++)
            {
                _ = authorizer.CheckAnywhere(user, Permission.ContainersRead);
                _ = authorizer.MaySee(user, Permission.ContainersRead, paths[UserNumber + ((i + check) % OwnGrants)]);
                _ = authorizer.Check(user, Permission.ContainersStart, paths[UserNumber + ((i + check) % OwnGrants)]);
            }

            taken.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / ChecksPerSample);
        }

        report.Add(Figure.Of("authorising a request p50", taken.P50, "µs", Bar.AtMost(15), $"in-process, {GrantCount} grants, {CollectionCount} collections; p99 {taken.P99:0.00} µs"));
    }

    private static async Task ListsAsync(Report report, Authorizer authorizer, Caller user, Caller administrator, bool quick, CancellationToken cancellationToken)
    {
        var state = new ClusterState(TimeProvider.System);
        state.BeginEpoch(1);
        var containers = quick ? 1_000 : 30_000;
        state.Write(writer =>
        {
            for (var i = 0; i < containers; i++)
            {
                writer.Put(Container(i, writer.Now));
            }
        });
        var queries = new ContainerQueries(state, authorizer, new NoDatabase());
        var filter = new ContainerFilter { List = new ListRequest { Limit = 50 } };
        var sorted = filter with { List = filter.List with { SortKey = "name" } };
        var own = new Samples();
        var byName = new Samples();
        var pages = quick ? 20 : 400;
        var pairs = await Pairs.RunAsync(quick ? 1 : 6, _ => Task.FromResult(Time(user, filter, own)), _ => Task.FromResult(Time(administrator, filter, null)), cancellationToken);
        _ = Time(user, sorted, byName);
        var total = queries.List(user, filter).Value.Total;
        report.Add(Figure.Of("filtered first page p99", own.P99, "ms", Bar.AtMost(25), $"in-process, {total:#,0} of {containers:#,0} visible by {OwnGrants} grants, p50 {own.P50:0.000} ms"));
        report.Add(Figure.Of("filtered first page by name p99", byName.P99, "ms", Bar.AtMost(25), $"in-process, p50 {byName.P50:0.0} ms; goal of our own"));
        report.Add(Figure.Compared("filtered / unfiltered first page p50", pairs, "ms", bar: null));

        double Time(Caller caller, ContainerFilter what, Samples? samples)
        {
            var times = new Samples();
            for (var i = 0; i < pages; i++)
            {
                var started = Stopwatch.GetTimestamp();
                _ = queries.List(caller, what).Value.Items.Count;
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            samples?.AddRange(times);
            return times.P50;
        }
    }

    private static AccessSnapshot Snapshot()
    {
        var collections = Enumerable.Range(0, CollectionCount).Select(i => new CollectionRecord(PathOf(i), null, null, 1)).ToArray();
        // A hundred users with ten grants each.
        var grants = Enumerable.Range(0, GrantCount).Select(i => new GrantRecord(
            $"g{i}", SubjectKind.User, $"user-{i / OwnGrants}", i % 2 == 0 ? BuiltInRoles.OperatorId : BuiltInRoles.RestrictedControlId,
            PathOf((i % OwnGrants) + (i / OwnGrants))));
        return new AccessSnapshot(1, [], collections, [], [], [.. grants]);
    }

    private static string PathOf(int i) => i % CollectionCount < 10 ? $"/c{i % CollectionCount}" : $"/c{i % 10}/s{i % CollectionCount}";

    private static ContainerRecord Container(int i, DateTime now)
    {
        var id = i.ToString("x8", System.Globalization.CultureInfo.InvariantCulture).PadLeft(64, '0');
        return new ContainerRecord
        {
            Id = id, NodeId = $"n{i % 1000}", Name = $"web-{i:00000}", Image = "busybox", Collection = PathOf(i % CollectionCount), CreatedAt = now.AddSeconds(-i), Pulse = new ContainerPulse(),
            Observed = new ContainerReport { EngineId = id, Name = $"web-{i:00000}", Image = "busybox", ImageId = "sha256:1", Command = "sh", CreatedAt = now, State = "running" },
        };
    }

    /// <summary>Neither checks nor lists ask the database.</summary>
    private sealed class NoDatabase : IDbContextFactory<ControlPlaneDb>
    {
        public ControlPlaneDb CreateDbContext() => throw new InvalidOperationException("The database was asked.");
    }
}
