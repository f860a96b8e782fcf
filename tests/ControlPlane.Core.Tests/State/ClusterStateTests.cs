using ControlPlane.Core.State;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.State;

public sealed class ClusterStateTests
{
    private readonly ClusterState _state = new(new FakeTimeProvider());

    public ClusterStateTests() => _state.BeginEpoch(3);

    [Fact]
    public async Task A_subscriber_sees_every_change_once_and_in_order_while_many_write()
    {
        var subscriptions = new List<StateSubscription>();
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                _state.Write(writer => writer.Put(Node($"n{w}-{i}")));
            }
        })).ToArray();
        for (var i = 0; i < 5; i++)
        {
            subscriptions.Add(_state.Subscribe());
            await Task.Yield();
        }

        await Task.WhenAll(writers);
        foreach (var subscription in subscriptions)
        {
            subscription.Dispose();
            var seen = subscription.Start.Nodes.Keys.ToHashSet(StringComparer.Ordinal);
            var sequence = subscription.Start.Position.Sequence;
            await foreach (var batch in subscription.Changes.ReadAllAsync())
            {
                foreach (var change in batch)
                {
                    change.Sequence.ShouldBe(++sequence);
                    seen.Add(change.Id).ShouldBeTrue();
                }
            }

            // Disposed after the last write: nothing of it is missing.
            seen.Count.ShouldBe(400);
        }
    }

    [Fact]
    public void A_write_publishes_one_snapshot_and_old_ones_stay_as_they_were()
    {
        var before = _state.Current;

        _state.Write(writer =>
        {
            writer.Put(Node("a"));
            writer.Put(Node("b"));
            _state.Current.ShouldBeSameAs(before);
        });

        before.Nodes.ShouldBeEmpty();
        _state.Current.Nodes.Count.ShouldBe(2);
        _state.Current.Position.ToString().ShouldBe("3.2");
    }

    [Fact]
    public void A_write_that_changes_nothing_publishes_nothing()
    {
        using var subscription = _state.Subscribe();
        var before = _state.Current;

        _state.Write(_ => { });

        _state.Current.ShouldBeSameAs(before);
        subscription.Changes.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void Who_resumes_gets_what_was_missed_and_what_follows()
    {
        _state.Write(writer => writer.Put(Node("a")));
        var left = _state.Current.Position;
        _state.Write(writer => writer.Put(Node("b")));

        var (missed, subscription) = _state.Resume(left)!.Value;
        _state.Write(writer => writer.Put(Node("c")));

        missed.ShouldHaveSingleItem().Id.ShouldBe("b");
        subscription.Changes.TryRead(out var batch).ShouldBeTrue();
        batch!.ShouldHaveSingleItem().Id.ShouldBe("c");
        subscription.Dispose();
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 99)]
    public void A_position_of_another_epoch_or_of_the_future_cannot_be_resumed(long epoch, long sequence) =>
        _state.Resume(new StatePosition(epoch, sequence)).ShouldBeNull();

    [Fact]
    public void A_position_too_long_ago_cannot_be_resumed()
    {
        var start = _state.Current.Position;
        for (var i = 0; i < 8193; i++)
        {
            _state.Write(writer => writer.Put(Node("a")));
        }

        _state.Resume(start).ShouldBeNull();
        _state.Resume(start with { Sequence = 1 }).ShouldNotBeNull().Missed.Count.ShouldBe(8192);
    }

    [Fact]
    public async Task A_reader_that_does_not_keep_up_is_told_once_and_holds_nobody_up()
    {
        using var slow = _state.Subscribe();
        for (var i = 0; i < 1100; i++)
        {
            _state.Write(writer => writer.Put(Node("a")));
        }

        var batches = 0;
        await foreach (var _ in slow.Changes.ReadAllAsync())
        {
            batches++;
        }

        slow.Lagged.ShouldBeTrue();
        batches.ShouldBe(1024);
        using var again = _state.Subscribe();
        again.Start.Position.Sequence.ShouldBe(1100);
    }

    [Theory]
    [InlineData("3.17", true)]
    [InlineData("3", false)]
    [InlineData("-1.2", false)]
    [InlineData("3.-2", false)]
    [InlineData(".5", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Positions_are_read_strictly(string? text, bool good) => StatePosition.TryParse(text, out _).ShouldBe(good);

    private static NodeRecord Node(string id) => new()
    {
        Id = id,
        Name = id,
        State = NodeState.Unknown,
        StateSince = default,
        Availability = NodeAvailability.Active,
        JoinedAt = default,
        Revision = 1,
        Pulse = new NodePulse(),
    };
}
