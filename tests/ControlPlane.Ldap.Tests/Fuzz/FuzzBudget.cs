using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Ldap.Tests.Fuzz;

/// <summary>How many inputs a fuzz test tries. <c>CONTROLPLANE_FUZZ_INPUTS</c> sets another number for long runs, <c>CONTROLPLANE_FUZZ_SEED</c> repeats one.</summary>
internal static class FuzzBudget
{
    private const int Inputs = 1_500_000;

    /// <summary>What the suite may spend on one fuzz test when the machine is busy.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8);

    /// <summary>Calls <paramref name="tryOne"/> with ever new randomness; a failure names seed and input.</summary>
    public static void Spend(Func<Random, byte[]> make, Action<byte[]> tryOne)
    {
        var wanted = Number("CONTROLPLANE_FUZZ_INPUTS");
        var seed = Number("CONTROLPLANE_FUZZ_SEED") ?? Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; count < (wanted ?? Inputs) && (wanted is not null || watch.Elapsed < Time); count++)
        {
            var input = make(random);
            try
            {
                tryOne(input);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}, input {count}: {Convert.ToHexString(input)}", e);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} inputs in {watch.Elapsed}");
        count.ShouldBeGreaterThan(1000);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;
}
