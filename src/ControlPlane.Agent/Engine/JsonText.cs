using System.Text;
using System.Text.Json;

namespace ControlPlane.Agent.Engine;

/// <summary>Documents of the engine that travel as text inside our own JSON.</summary>
internal static class JsonText
{
    /// <summary>Bytes of an escaped character on the wire.</summary>
    private const int Escaped = 6;

    /// <summary>The text; null when it is no JSON.</summary>
    public static string? Of(byte[] utf8)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8);
            return Encoding.UTF8.GetString(utf8).TrimEnd();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How many bytes a text takes on the wire: quotes and everything beyond ASCII are escaped there.</summary>
    public static int Weigh(string? text)
    {
        var weight = 0;
        foreach (var c in text ?? "")
        {
            weight += c is '"' or '\'' or '<' or '>' or '&' or '+' or '\\' or '`' or < ' ' or > '~' ? Escaped : 1;
        }

        return weight;
    }
}
