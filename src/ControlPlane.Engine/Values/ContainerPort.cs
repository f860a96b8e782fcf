using System.Globalization;

namespace ControlPlane.Engine.Values;

/// <summary>A port of a container, as the engine writes it: <c>80/tcp</c>.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
public readonly record struct ContainerPort(int Number, string Protocol)
{
    /// <summary>The protocol that is meant when none is named.</summary>
    public const string DefaultProtocol = "tcp";

    /// <summary>True for a protocol ports can have, in lower case.</summary>
    /// <param name="protocol">The text.</param>
    public static bool IsProtocol(string? protocol) => protocol is "tcp" or "udp" or "sctp";

    /// <summary>Reads <c>80</c> or <c>80/udp</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="port">The port.</param>
    public static bool TryParse(string? text, out ContainerPort port)
    {
        port = default;
        if (text is null)
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var protocol = slash < 0 ? DefaultProtocol : text[(slash + 1)..];
        if (!IsProtocol(protocol) || !PortNumber.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var number))
        {
            return false;
        }

        port = new ContainerPort(number, protocol);
        return true;
    }

    /// <summary>The engine's form, <c>80/tcp</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Protocol}");
}
