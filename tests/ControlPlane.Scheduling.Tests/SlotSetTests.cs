using CsCheck;

namespace ControlPlane.Scheduling.Tests;

public sealed class SlotSetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void At_first_every_slot_is_in_it_and_no_other(int slots)
    {
        using var set = new SlotSet(slots);

        set.Count.ShouldBe(slots);
        Members(set).ShouldBe(Enumerable.Range(0, slots));
        set.WordCount.ShouldBe((slots + 63) / 64);
        set.Next(slots).ShouldBe(-1);
    }

    [Fact]
    public void A_set_behaves_as_a_set() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[0, 199].HashSet[0, 60], Gen.Int[0, 199].HashSet[0, 60], Gen.Int[0, 4]).Sample((slots, kept, excepted, words) =>
        {
            using var set = new SlotSet(slots);
            var model = Enumerable.Range(0, slots).ToHashSet();

            set.IntersectWith(Words(kept, words));
            model.IntersectWith(kept.Where(slot => slot < words * 64));
            Members(set).ShouldBe(model.Order());

            set.ExceptWith(Words(excepted, words));
            model.ExceptWith(excepted.Where(slot => slot < words * 64));
            Members(set).ShouldBe(model.Order());
            set.Count.ShouldBe(model.Count);
            Enumerable.Range(0, slots).Where(set.Contains).ShouldBe(model.Order());
        });

    [Fact]
    public void What_is_removed_is_gone()
    {
        using var set = new SlotSet(130);
        set.Remove(0);
        set.Remove(64);
        set.Remove(129);

        set.Count.ShouldBe(127);
        set.Next(0).ShouldBe(1);
        set.Next(64).ShouldBe(65);
        set.Next(129).ShouldBe(-1);
    }

    [Fact]
    public void Disposing_twice_does_no_harm()
    {
        var set = new SlotSet(10);
        set.Dispose();
        Should.NotThrow(set.Dispose);
    }

    private static ulong[] Words(IEnumerable<int> slots, int count)
    {
        var words = new ulong[count];
        foreach (var slot in slots.Where(slot => slot < count * 64))
        {
            words[slot / 64] |= 1UL << (slot % 64);
        }

        return words;
    }

    private static IEnumerable<int> Members(SlotSet set)
    {
        for (var slot = set.Next(0); slot >= 0; slot = set.Next(slot + 1))
        {
            yield return slot;
        }
    }
}
