namespace ControlPlane.Scheduling.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0 B", "0 B")]
    [InlineData(1, "1 B", "1 B")]
    [InlineData(1023, "1023 B", "1023 B")]
    [InlineData(1024, "1 KiB", "1 KiB")]
    [InlineData(1025, "1.1 KiB", "1 KiB")]
    [InlineData(1536, "1.5 KiB", "1.5 KiB")]
    [InlineData(1L << 20, "1 MiB", "1 MiB")]
    [InlineData((1L << 20) - 1, "1024 KiB", "1023.9 KiB")]
    [InlineData(1L << 30, "1 GiB", "1 GiB")]
    [InlineData(1L << 40, "1 TiB", "1 TiB")]
    [InlineData(1L << 50, "1 PiB", "1 PiB")]
    [InlineData(5000L << 50, "5000 PiB", "5000 PiB")]
    public void Sizes_are_rounded_up_when_asked_and_down_when_free(long bytes, string asked, string free)
    {
        Quantity.BytesUp(bytes).ShouldBe(asked);
        Quantity.BytesDown(bytes).ShouldBe(free);
    }

    [Theory]
    [InlineData(0, "0", "0")]
    [InlineData(1_000_000_000, "1", "1")]
    [InlineData(1_500_000_000, "1.5", "1.5")]
    [InlineData(250_000_000, "0.25", "0.25")]
    [InlineData(1, "0.001", "0")]
    [InlineData(1_000_000_001, "1.001", "1")]
    [InlineData(999_999_999, "1", "0.999")]
    [InlineData(64_000_000_000, "64", "64")]
    public void Cpus_are_shown_in_thousandths(long nanoCpus, string asked, string free)
    {
        Quantity.CpusUp(nanoCpus).ShouldBe(asked);
        Quantity.CpusDown(nanoCpus).ShouldBe(free);
    }

    [Theory]
    [InlineData(0, "0 are full")]
    [InlineData(1, "1 is full")]
    [InlineData(2, "2 are full")]
    [InlineData(1000, "1000 are full")]
    public void A_phrase_follows_its_number(int nodes, string text) => new RefusalPhrase("is full", "are full").For(nodes).ShouldBe(text);
}
