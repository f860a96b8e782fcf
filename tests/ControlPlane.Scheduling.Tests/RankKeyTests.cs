using CsCheck;

namespace ControlPlane.Scheduling.Tests;

public sealed class RankKeyTests
{
    private static readonly Gen<(int Weight, int Containers)> Node = Gen.Select(Gen.Int[-990, 1200], Gen.Int[0, 2_000_000]);

    [Fact]
    public void The_lower_weight_then_the_fewer_containers_come_first_in_a_spread() => Gen.Select(Node, Node).Sample((first, second) =>
        Compare(RankOrder.LowestWeight, first, second).ShouldBe(Math.Sign((Steps(first.Weight), Count(first.Containers)).CompareTo((Steps(second.Weight), Count(second.Containers))))));

    [Fact]
    public void The_higher_weight_then_the_more_containers_come_first_in_a_binpack() => Gen.Select(Node, Node).Sample((first, second) =>
        Compare(RankOrder.HighestWeight, first, second).ShouldBe(
            Math.Sign((Math.Min(1210 - first.Weight, 2000), -Count(first.Containers)).CompareTo((Math.Min(1210 - second.Weight, 2000), -Count(second.Containers))))));

    [Fact]
    public void Every_key_is_below_no_limit() => Node.Sample(node =>
    {
        RankKey.Of(RankOrder.LowestWeight, node.Weight, node.Containers).ShouldBeInRange(0, RankKey.None - 1);
        RankKey.Of(RankOrder.HighestWeight, node.Weight, node.Containers).ShouldBeInRange(0, RankKey.None - 1);
    });

    [Theory]
    [InlineData(-5_000, -1_000)]
    [InlineData(5_000, 1_000)]
    public void Weights_out_of_bounds_look_equal(int weight, int bound) =>
        RankKey.Of(RankOrder.LowestWeight, weight, 3).ShouldBe(RankKey.Of(RankOrder.LowestWeight, bound, 3));

    private static int Steps(int weight) => Math.Clamp(weight + 1000, 0, 2000);

    private static int Count(int containers) => Math.Min(containers, (1 << 20) - 1);

    private static int Compare(RankOrder order, (int Weight, int Containers) first, (int Weight, int Containers) second) =>
        Math.Sign(RankKey.Of(order, first.Weight, first.Containers).CompareTo(RankKey.Of(order, second.Weight, second.Containers)));
}
