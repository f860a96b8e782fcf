using System.Collections.Frozen;
using System.Globalization;

namespace ControlPlane.Engine.Values;

/// <summary>A Linux signal by name (<c>SIGTERM</c>, <c>term</c>, <c>SIGRTMIN+3</c>) or number (1 to 64).</summary>
public static class Signal
{
    private const int Highest = 64;

    // What is left of the real-time signals after the C library took its own.
    private const int RealTimeFirst = 34;

    // Numbers of x86 and ARM (signal(7)).
    private static readonly FrozenDictionary<string, int> Numbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ILL"] = 4, ["TRAP"] = 5, ["ABRT"] = 6, ["IOT"] = 6, ["BUS"] = 7, ["FPE"] = 8,
        ["KILL"] = 9, ["USR1"] = 10, ["SEGV"] = 11, ["USR2"] = 12, ["PIPE"] = 13, ["ALRM"] = 14, ["TERM"] = 15, ["STKFLT"] = 16,
        ["CHLD"] = 17, ["CLD"] = 17, ["CONT"] = 18, ["STOP"] = 19, ["TSTP"] = 20, ["TTIN"] = 21, ["TTOU"] = 22, ["URG"] = 23,
        ["XCPU"] = 24, ["XFSZ"] = 25, ["VTALRM"] = 26, ["PROF"] = 27, ["WINCH"] = 28, ["IO"] = 29, ["POLL"] = 29, ["PWR"] = 30,
        ["SYS"] = 31, ["RTMIN"] = RealTimeFirst, ["RTMAX"] = Highest,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a signal.</summary>
    /// <param name="text">Name with or without <c>SIG</c>, in any case, or number.</param>
    /// <param name="number">The number.</param>
    public static bool TryParse(string? text, out int number)
    {
        number = 0;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (char.IsAsciiDigit(text[0]))
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 1 and <= Highest;
        }

        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (Numbers.TryGetValue(name, out number))
        {
            return true;
        }

        if (name.Length < 7 || !int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return false;
        }

        // The names the engine knows: RTMIN+1 to RTMIN+15, RTMAX-14 to RTMAX-1.
        number = name[..6].ToUpperInvariant() switch
        {
            "RTMIN+" when offset is >= 1 and <= 15 => RealTimeFirst + offset,
            "RTMAX-" when offset is >= 1 and <= 14 => Highest - offset,
            _ => 0,
        };
        return number != 0;
    }
}
