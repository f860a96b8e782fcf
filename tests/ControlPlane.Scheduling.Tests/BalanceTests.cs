namespace ControlPlane.Scheduling.Tests;

public sealed class BalanceTests
{
    [Fact]
    public void A_move_to_an_emptier_node_helps_and_one_that_only_swaps_them_does_not()
    {
        var (full, empty) = (Load("a", 4, 40), Load("b", 1, 10));
        var balance = new ClusterBalance([full, empty]);

        balance.Gain(full, empty, 10, 10).ShouldBeGreaterThan(0);
        balance.IsWorthwhile(full, empty, 10, 10).ShouldBeTrue();
        balance.Gain(Load("a", 2, 20), Load("b", 1, 10), 10, 10).ShouldBe(0, 1e-9);
        balance.Gain(empty, full, 10, 10).ShouldBeLessThan(0);
    }

    [Fact]
    public void The_gain_is_what_the_unevenness_loses()
    {
        var balance = new ClusterBalance([Load("a", 7, 60), Load("b", 2, 30)]);
        var unit = 90.0 / 9;

        var before = (60.0 * 60) + (30 * 30) + (unit * unit * ((7 * 7) + (2 * 2)));
        var after = (52.0 * 52) + (34 * 34) + (unit * unit * ((6 * 6) + (3 * 3)));

        balance.Gain(Load("a", 7, 60), Load("b", 2, 30), off: 8, on: 4).ShouldBe(before - after, 1e-6);
    }

    [Fact]
    public void Small_differences_are_not_worth_a_restart()
    {
        var (one, other) = (Load("a", 101, 50), Load("b", 99, 49));

        new ClusterBalance([one, other]).IsWorthwhile(one, other, 0.1, 0.1).ShouldBeFalse();
    }

    [Fact]
    public void Without_reservations_only_counts_weigh()
    {
        var balance = new ClusterBalance([Load("a", 3, 0), Load("b", 0, 0)]);

        balance.Weight(Load("a", 3, 0)).ShouldBe(3);
        balance.IsWorthwhile(Load("a", 3, 0), Load("b", 0, 0), 0, 0).ShouldBeTrue();
        balance.IsWorthwhile(Load("a", 2, 0), Load("b", 1, 0), 0, 0).ShouldBeFalse();
    }

    [Fact]
    public void A_share_is_the_mean_of_memory_and_cpus() =>
        NodeLoad.ShareOf(new NodeCapacity(1000, 4000, overcommitPercent: 0), 500, 1000).ShouldBe(37.5);

    private static NodeLoad Load(string name, int containers, double share) => new(new NodeId(name), name, containers, share);
}
