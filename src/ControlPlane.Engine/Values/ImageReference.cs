using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Engine.Values;

/// <summary>
/// The name of an image, <c>[domain/]path[:tag][@digest]</c>, by the grammar of the distribution project
/// (github.com/distribution/reference) and with the rules of the docker CLI for what is left out:
/// <c>busybox</c> is <c>docker.io/library/busybox:latest</c>.
/// </summary>
/// <param name="Domain">Registry with its port: <c>docker.io</c>, <c>registry.example.com:5000</c>.</param>
/// <param name="Path">Repository within the registry: <c>library/busybox</c>.</param>
/// <param name="Tag">Tag; null only when there is a digest.</param>
/// <param name="Digest">Digest, <c>sha256:…</c>, or null.</param>
public sealed record ImageReference(string Domain, string Path, string? Tag, string? Digest)
{
    /// <summary>The registry that is meant when none is named.</summary>
    public const string DefaultDomain = "docker.io";

    /// <summary>The tag that is meant when there is neither tag nor digest.</summary>
    public const string DefaultTag = "latest";

    private const string OfficialPrefix = "library/";

    // Limits of the grammar: name with domain, tag.
    private const int MaxNameLength = 255;
    private const int MaxTagLength = 128;

    /// <summary>Domain and path as the docker CLI shows them: <c>busybox</c>, <c>grafana/loki</c>, <c>ghcr.io/org/app</c>.</summary>
    public string FamiliarName
    {
        get
        {
            if (Domain != DefaultDomain)
            {
                return Domain + "/" + Path;
            }

            return Path.StartsWith(OfficialPrefix, StringComparison.Ordinal) && Path.IndexOf('/', OfficialPrefix.Length) < 0
                ? Path[OfficialPrefix.Length..]
                : Path;
        }
    }

    /// <summary>The familiar form with tag and digest: <c>busybox:latest</c>.</summary>
    public override string ToString() =>
        FamiliarName + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>The full form: <c>docker.io/library/busybox:latest</c>.</summary>
    public string ToFullString() =>
        Domain + "/" + Path + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>True for an image id, <c>sha256:</c> and 64 hexadecimal digits, which names a local image and cannot be pulled.</summary>
    /// <param name="text">The text.</param>
    public static bool IsImageId(string? text) =>
        text is not null && text.StartsWith("sha256:", StringComparison.Ordinal) && EngineId.IsValid(text["sha256:".Length..]);

    /// <summary>Reads a reference.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reference">The reference, when it is one.</param>
    /// <param name="problem">What is wrong, when it is none.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference, [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        if (string.IsNullOrEmpty(text))
        {
            problem = "must not be empty";
            return false;
        }

        if (EngineId.IsValid(text))
        {
            problem = "must not be 64 hexadecimal digits; write sha256:… for an image id";
            return false;
        }

        string? digest = null, tag = null;
        var name = text;
        if (name.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            digest = name[(at + 1)..];
            name = name[..at];
            if (!IsDigest(digest))
            {
                problem = "has a digest that is not one, such as sha256: and 64 hexadecimal digits";
                return false;
            }
        }

        // A colon behind the last slash begins the tag; before it, the port.
        if (name.LastIndexOf(':') is var colon and >= 0 && colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
            if (!IsTag(tag))
            {
                problem = "has a tag that is not one: at most 128 letters, digits, '_', '.', '-', not beginning with '.' or '-'";
                return false;
            }
        }

        var (domain, path) = Split(name);
        if (!IsDomain(domain))
        {
            problem = "has a registry that is no host name with an optional port";
            return false;
        }

        if (path.Length == 0 || !path.Split('/').All(IsPathComponent))
        {
            problem = "has a repository that is not one: lower-case letters and digits, separated by '.', '_', '__', '-' or '/'";
            return false;
        }

        if (domain.Length + 1 + path.Length > MaxNameLength)
        {
            problem = "must not have a name of more than 255 characters";
            return false;
        }

        problem = null;
        reference = new ImageReference(domain, path, tag ?? (digest is null ? DefaultTag : null), digest);
        return true;
    }

    private static (string Domain, string Path) Split(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        var named = slash >= 0 && (first.AsSpan().IndexOfAny('.', ':') >= 0 || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        var (domain, path) = named ? (first, name[(slash + 1)..]) : (DefaultDomain, name);
        if (domain == "index.docker.io")
        {
            domain = DefaultDomain;
        }

        return domain == DefaultDomain && path.Length > 0 && !path.Contains('/', StringComparison.Ordinal)
            ? (domain, OfficialPrefix + path)
            : (domain, path);
    }

    private static bool IsDomain(string domain)
    {
        var host = domain;
        var colon = domain.StartsWith('[') ? domain.IndexOf("]:", StringComparison.Ordinal) + 1 : domain.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            host = domain[..colon];
            if (!PortNumber.TryParse(domain.AsSpan(colon + 1), out _))
            {
                return false;
            }
        }

        if (host is ['[', .., ']'])
        {
            return host.Length > 2 && host[1..^1].All(c => char.IsAsciiHexDigit(c) || c == ':');
        }

        return host.Length > 0 && host.Split('.').All(label =>
            label.Length > 0 && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');
    }

    private static bool IsPathComponent(string component)
    {
        if (component.Length == 0 || !IsLowerOrDigit(component[0]) || !IsLowerOrDigit(component[^1]))
        {
            return false;
        }

        for (var i = 0; i < component.Length; i++)
        {
            if (IsLowerOrDigit(component[i]))
            {
                continue;
            }

            // One separator: '.', '_', '__' or any number of '-'.
            var start = i;
            while (component[i + 1] == component[start])
            {
                i++;
            }

            var longest = component[start] switch { '.' => 1, '_' => 2, '-' => int.MaxValue, _ => 0 };
            if (i - start + 1 > longest || !IsLowerOrDigit(component[i + 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsTag(string tag) =>
        tag.Length is > 0 and <= MaxTagLength
        && (char.IsAsciiLetterOrDigit(tag[0]) || tag[0] == '_')
        && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static bool IsDigest(string digest)
    {
        var colon = digest.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && digest[..colon] switch
        {
            "sha256" => digest.Length - colon - 1 == 64,
            "sha384" => digest.Length - colon - 1 == 96,
            "sha512" => digest.Length - colon - 1 == 128,
            _ => false,
        } && digest.Skip(colon + 1).All(char.IsAsciiHexDigitLower);
    }

    private static bool IsLowerOrDigit(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
