using System.Collections.Concurrent;
using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Tests.Placement;

public sealed class ParallelReservationTests
{
    private const long GiB = 1L << 30;

    private readonly Lock _owner = new();

    private readonly PlacementIndex _index = new();

    [Fact]
    public async Task Twelve_creates_of_one_name_end_in_exactly_one()
    {
        Nodes(3);

        var results = await Create(12, _ => "web", _ => new PlacementRequest());

        results.OfType<ReserveResult.Reserved>().Count().ShouldBe(1);
        results.OfType<ReserveResult.NameTaken>().Select(taken => taken.ByKey).Distinct().ShouldBe([_index.FindByName("web")!]);
        _index.ReservationCount.ShouldBe(1);
    }

    [Fact]
    public async Task Eight_creates_of_one_host_port_on_three_nodes_end_in_exactly_three()
    {
        Nodes(3);

        var results = await Create(8, i => $"web-{i}", _ => new PlacementRequest { HostPorts = [HostPort.OnAnyAddress(8080)] });

        var placed = results.OfType<ReserveResult.Reserved>().Select(reserved => reserved.Decision.Node).ToArray();
        placed.Length.ShouldBe(3);
        placed.Distinct().Count().ShouldBe(3);
        results.OfType<ReserveResult.Unplaceable>().Select(refused => refused.Decision.Text).Distinct()
            .ShouldBe(["0 of 3 nodes fit: 3 have port 8080/tcp taken"]);
    }

    [Fact]
    public async Task Creates_never_overcommit()
    {
        Nodes(4);

        var results = await Create(100, i => $"job-{i}", i => new PlacementRequest { MemoryBytes = (1 + (i % 3)) * GiB, Seed = (ulong)i });

        var perNode = results
            .Select((result, i) => (Result: result as ReserveResult.Reserved, Memory: (1 + (i % 3)) * GiB))
            .Where(create => create.Result is not null)
            .GroupBy(create => create.Result!.Decision.Node, create => create.Memory)
            .ToArray();
        perNode.Length.ShouldBe(4);
        perNode.ShouldAllBe(node => node.Sum() == 8 * GiB);
    }

    [Fact]
    public async Task Anti_affinity_by_label_in_parallel_gives_one_per_node()
    {
        Nodes(3);
        var apart = ((AffinityParse.Valid)Affinity.Parse("tier!=x")).Affinity;
        var request = new PlacementRequest { Affinities = [apart], Labels = new Dictionary<string, string> { ["tier"] = "x" } };

        var results = await Create(8, i => $"x-{i}", _ => request);

        var placed = results.OfType<ReserveResult.Reserved>().Select(reserved => reserved.Decision.Node).ToArray();
        placed.Length.ShouldBe(3);
        placed.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Thirty_creates_over_three_equal_nodes_end_in_ten_each()
    {
        Nodes(3);

        var results = await Create(30, i => $"web-{i}", i => new PlacementRequest { Seed = (ulong)i });

        results.Cast<ReserveResult.Reserved>().GroupBy(reserved => reserved.Decision.Node).Select(node => node.Count()).ShouldBe([10, 10, 10]);
    }

    [Fact]
    public async Task Reservations_given_up_and_seen_in_parallel_leave_the_books_straight()
    {
        Nodes(5);

        await Parallel.ForAsync(0, 400, TestContext.Current.CancellationToken, (i, _) =>
        {
            var request = new PlacementRequest { MemoryBytes = GiB / 16, Seed = (ulong)i };
            ReserveResult result;
            lock (_owner)
            {
                result = _index.DecideAndReserve($"key-{i}", $"name-{i}", request);
            }

            lock (_owner)
            {
                if (i % 4 == 0 && result is ReserveResult.Reserved { Decision: var placed })
                {
                    _index.Put($"key-{i}", new ContainerLoad(placed.Node, [$"/name-{i}"], request.MemoryBytes, 0, []));
                }
                else
                {
                    _index.Release($"key-{i}");
                }
            }

            return ValueTask.CompletedTask;
        });

        _index.ReservationCount.ShouldBe(0);
        Enumerable.Range(0, 400).Count(i => _index.FindByName($"name-{i}") is not null).ShouldBe(100);
        var usages = Enumerable.Range(0, 5).Select(slot => _index.View.TryGetNode(slot, out var node) ? node.Usage : null!).ToArray();
        usages.Sum(usage => usage.ContainerCount).ShouldBe(100);
        usages.Sum(usage => usage.ReservedMemoryBytes).ShouldBe(100 * GiB / 16);
    }

    private void Nodes(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            _index.UpsertNode(new NodeFacts
            {
                Id = new NodeId($"id-{i}"),
                Name = $"node-{i}",
                State = NodeState.Ready,
                Capacity = new NodeCapacity(8 * GiB, 4_000_000_000, 0),
            });
        }
    }

    private async Task<ReserveResult[]> Create(int count, Func<int, string> name, Func<int, PlacementRequest> request)
    {
        var results = new ConcurrentDictionary<int, ReserveResult>();
        using var start = new Barrier(Math.Min(count, 8));
        await Task.WhenAll(Enumerable.Range(0, start.ParticipantCount).Select(worker => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                for (var i = worker; i < count; i += start.ParticipantCount)
                {
                    lock (_owner)
                    {
                        results[i] = _index.DecideAndReserve($"key-{i}", name(i), request(i));
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        return [.. results.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
    }
}
