using System.Globalization;

namespace ControlPlane.Engine.Values;

/// <summary>A port number, 1 to 65535.</summary>
public static class PortNumber
{
    /// <summary>Highest port.</summary>
    public const int Max = 65535;

    /// <summary>True for a port.</summary>
    /// <param name="port">The number.</param>
    public static bool IsValid(int port) => port is >= 1 and <= Max;

    /// <summary>Reads a port: decimal digits only, no sign, no space, no leading zero.</summary>
    /// <param name="text">The text.</param>
    /// <param name="port">The port.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && text[0] != '0' && IsValid(port);
}
