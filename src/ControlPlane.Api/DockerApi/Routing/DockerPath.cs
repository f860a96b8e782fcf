using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ControlPlane.Api.DockerApi.Routing;

/// <summary>
/// The path of a request as it came over the wire, read once and strictly: what two parsers could read differently is refused.
/// </summary>
/// <param name="Version">The version it names; null when it names none.</param>
/// <param name="Path">The rest, beginning with '/'; letters, digits and <c>_ . - : @ + /</c> only.</param>
internal sealed record DockerPath(DockerVersion? Version, string Path)
{
    private const int Longest = 2048;

    /// <summary>Whether a target belongs to the Docker API where it shares a port with others: <c>/_ping</c>, <c>/version</c> and <c>/vN.N…</c>.</summary>
    public static bool IsOurs(string target)
    {
        var path = WithoutQuery(target);
        return path is "/_ping" or "/version" || (HasVersion(path, out var version, out _) && version.Contains('.'));
    }

    /// <param name="target">The request line's target.</param>
    /// <param name="path">What was read.</param>
    /// <param name="problem">Why it is refused.</param>
    public static bool TryRead(string target, [NotNullWhen(true)] out DockerPath? path, [NotNullWhen(false)] out string? problem)
    {
        path = null;
        var raw = WithoutQuery(target);
        if (raw.Length > Longest || !raw.StartsWith('/'))
        {
            problem = "the path must begin with '/' and have at most 2048 characters";
            return false;
        }

        DockerVersion? version = null;
        if (HasVersion(raw, out var text, out var rest))
        {
            if (!DockerVersion.TryParse(text, out var read))
            {
                problem = "the path does not begin with a version such as /v1.41";
                return false;
            }

            (version, raw) = (read, rest.ToString());
        }

        if (Decode(raw) is not { } decoded)
        {
            problem = "the path may hold letters, digits and _ . - : @ + / only, and may encode none of them but : @ +";
            return false;
        }

        if (decoded.Contains("//", StringComparison.Ordinal) || decoded.Split('/').Any(segment => segment is "." or "..") || (decoded.Length > 1 && decoded.EndsWith('/')))
        {
            problem = "the path must not have empty segments, '.' or '..'";
            return false;
        }

        problem = null;
        path = new DockerPath(version, decoded);
        return true;
    }

    private static string WithoutQuery(string target)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? target : target[..mark];
    }

    /// <summary>True when the first segment is a 'v' and a digit.</summary>
    private static bool HasVersion(string path, out ReadOnlySpan<char> version, out ReadOnlySpan<char> rest)
    {
        version = rest = default;
        if (path is not ['/', 'v', >= '0' and <= '9', ..])
        {
            return false;
        }

        var end = path.IndexOf('/', 1);
        version = end < 0 ? path.AsSpan(2) : path.AsSpan(2, end - 2);
        rest = end < 0 ? "/" : path.AsSpan(end);
        return true;
    }

    /// <summary>Clients encode ':' '@' and '+' of image names; anything else that is encoded has no business here.</summary>
    private static string? Decode(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c == '%')
            {
                c = i + 2 >= raw.Length ? '\0' : raw.AsSpan(i + 1, 2) switch
                {
                    "3A" or "3a" => ':',
                    "40" => '@',
                    "2B" or "2b" => '+',
                    _ => '\0',
                };
                i += 2;
            }

            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-' or ':' or '@' or '+' or '/'))
            {
                return null;
            }

            text.Append(c);
        }

        return text.ToString();
    }
}
