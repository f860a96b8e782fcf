using System.Diagnostics;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Simulation;
using ControlPlane.Core.Access;
using ControlPlane.Core.State;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>One observed change: written, published as a snapshot and handed to every subscriber.</summary>
internal sealed class StateBenchmark : IBenchmark
{
    private const int Subscribers = 50;

    // Far below what a subscription holds: readers that fall behind would be let go, and the work with them.
    private const int Batch = 200;

    public string Name => "state";

    public string Summary => "cluster state: write and publish a change with 30,000 containers and 50 subscribers";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        using var large = new Cluster(nodes: 1_000, containersEach: 30);
        using var small = new Cluster(nodes: 10, containersEach: 30);
        var rounds = quick ? 2 : 50;
        await large.ChangeAsync(rounds, Batch, cancellationToken);
        await small.ChangeAsync(rounds, Batch, cancellationToken);
        var pairs = await Pairs.RunAsync(
            quick ? 1 : 6,
            token => large.ChangeAsync(rounds, Batch, token),
            token => small.ChangeAsync(rounds, Batch, token),
            cancellationToken);
        report.Add(Figure.Compared(
            "state change, 30,000 / 300 containers", pairs, "µs", Bar.AtMost(3), "50 subscribers each, until the last has it; goal of our own"));
        report.Add(Figure.Of("state change, 30,000 containers", pairs.Ours, "µs", Bar.AtMost(100), "goal of our own"));
        report.Add(Figure.Of("state subscribers that lagged", large.Lagged + small.Lagged, "", Bar.AtMost(0)));
    }

    private sealed class Cluster : IDisposable
    {
        private readonly ClusterState _state = new(TimeProvider.System);
        private readonly List<StateSubscription> _subscriptions = [];
        private readonly List<Task> _readers = [];
        private readonly string[] _ids;
        private long _seen;
        private long _written;
        private int _serial;

        public Cluster(int nodes, int containersEach)
        {
            _state.BeginEpoch(1);
            for (var i = 0; i < nodes; i++)
            {
                var node = NodeRecordOf(i);
                _state.Write(writer =>
                {
                    writer.Put(node);
                    foreach (var report in SimulatedInventory.Of(node.Name, containersEach))
                    {
                        writer.Put(new ContainerRecord
                        {
                            Id = report.EngineId,
                            NodeId = node.Id,
                            Name = report.Name,
                            Image = report.Image,
                            Collection = Collections.Unmanaged,
                            CreatedAt = report.CreatedAt,
                            Observed = report,
                            ObservedAt = writer.Now,
                            Pulse = new ContainerPulse(),
                        });
                    }
                });
            }

            _ids = [.. _state.Current.Containers.Keys];
            for (var i = 0; i < Subscribers; i++)
            {
                var subscription = _state.Subscribe();
                _subscriptions.Add(subscription);
                _readers.Add(ReadAsync(subscription));
            }
        }

        public int Lagged => _subscriptions.Count(subscription => subscription.Lagged);

        /// <summary>Microseconds per change.</summary>
        public async Task<double> ChangeAsync(int rounds, int batch, CancellationToken cancellationToken)
        {
            var spent = TimeSpan.Zero;
            for (var round = 0; round < rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var started = Stopwatch.GetTimestamp();
                for (var i = 0; i < batch; i++)
                {
                    ChangeOne();
                }

                while (Interlocked.Read(ref _seen) < _written * Subscribers && Lagged == 0)
                {
                    await Task.Yield();
                }

                spent += Stopwatch.GetElapsedTime(started);
            }

            return spent.TotalMicroseconds / (rounds * batch);
        }

        public void Dispose()
        {
            foreach (var subscription in _subscriptions)
            {
                subscription.Dispose();
            }
        }

        private void ChangeOne()
        {
            var id = _ids[(_serial * 7919) % _ids.Length];
            var exitCode = _serial++ & 0xFF;
            _state.Write(writer =>
            {
                var old = writer.Container(id)!;
                writer.Put(old with { Observed = old.Observed! with { ExitCode = exitCode, State = (exitCode & 1) == 0 ? "running" : "exited" } }, "die");
            });
            _written++;
        }

        private async Task ReadAsync(StateSubscription subscription)
        {
            while (await subscription.Changes.WaitToReadAsync(CancellationToken.None))
            {
                while (subscription.Changes.TryRead(out var batch))
                {
                    Interlocked.Add(ref _seen, batch.Count);
                }
            }
        }

        private static NodeRecord NodeRecordOf(int index) => new()
        {
            Id = SimulatedInventory.Hex($"node {index}")[..32],
            Name = SimulatedInventory.NodeName(index),
            State = NodeState.Ready,
            StateSince = DateTime.UnixEpoch,
            Availability = NodeAvailability.Active,
            Description = SimulatedInventory.Describe(SimulatedInventory.NodeName(index)),
            JoinedAt = DateTime.UnixEpoch,
            Synced = true,
            Revision = 1,
            Pulse = new NodePulse(),
        };
    }
}
