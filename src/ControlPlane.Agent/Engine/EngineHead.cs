using System.Globalization;
using System.Text;

namespace ControlPlane.Agent.Engine;

/// <summary>The head of an engine's answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Type of the body; may be empty.</param>
/// <param name="PathStat"><c>X-Docker-Container-Path-Stat</c>.</param>
/// <param name="Length">Length of the body; null = not said.</param>
/// <param name="IsChunked">The body comes in chunks.</param>
internal sealed record EngineHead(int Status, string ContentType, string? PathStat, long? Length, bool IsChunked)
{
    private const string Broken = "The head of the engine's answer is not HTTP/1.1.";

    /// <summary>Reads a head, strictly: two readers must not see two different bodies.</summary>
    /// <param name="text">Up to and with the empty line.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static EngineHead Read(ReadOnlySpan<byte> text)
    {
        var lines = Encoding.Latin1.GetString(text).Split("\r\n");
        var status = lines[0];
        if (status.Length < 12 || !status.StartsWith("HTTP/1.", StringComparison.Ordinal) || status[7] is not ('0' or '1') || status[8] != ' '
            || (status.Length > 12 && status[12] != ' ') || !int.TryParse(status.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code < 100)
        {
            throw new InvalidDataException(Broken);
        }

        var head = new EngineHead(code, "", null, null, false);
        foreach (var line in lines.AsSpan(1, lines.Length - 3))
        {
            head = head.With(line);
        }

        return head is { IsChunked: true, Length: not null } ? throw new InvalidDataException(Broken) : head;
    }

    private EngineHead With(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !line.AsSpan(0, colon).ContainsOnlyToken() || line.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new InvalidDataException(Broken);
        }

        var value = line[(colon + 1)..].Trim(' ', '\t');
        switch (line[..colon].ToUpperInvariant())
        {
            case "CONTENT-TYPE":
                return this with { ContentType = value };
            case "X-DOCKER-CONTAINER-PATH-STAT":
                return this with { PathStat = value };
            case "CONTENT-LENGTH":
                return Length is null && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                    ? this with { Length = length }
                    : throw new InvalidDataException(Broken);
            case "TRANSFER-ENCODING":
                return !IsChunked && value.Equals("chunked", StringComparison.OrdinalIgnoreCase) ? this with { IsChunked = true } : throw new InvalidDataException(Broken);
            default:
                return this;
        }
    }
}

/// <summary>Names of HTTP headers.</summary>
internal static class HeaderNames
{
    public static bool ContainsOnlyToken(this ReadOnlySpan<char> name)
    {
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !"!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
