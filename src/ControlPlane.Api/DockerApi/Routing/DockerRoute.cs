using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Routing;

/// <summary>Answers a request: writes the answer itself, or says why not.</summary>
internal delegate Task<Error?> DockerHandler(DockerCall call);

/// <summary>How a route is served; for people and for the matrix test.</summary>
internal enum Served
{
    /// <summary>From the server's own memory.</summary>
    Snapshot,

    /// <summary>By one node, or several, through tunnels or commands.</summary>
    Nodes,

    /// <summary>Not at all, with a sentence that says what to do instead.</summary>
    Refused,
}

/// <summary>One line of the table of everything this door serves.</summary>
internal sealed record DockerRoute
{
    private DockerRoute(string method, string pattern, string? permission, Served served, DockerHandler handler)
    {
        (Method, Pattern, Permission, Served, Handler) = (method, pattern, permission, served, handler);
        var start = pattern.IndexOf('{', StringComparison.Ordinal);
        (Prefix, Suffix) = start < 0 ? (pattern, null) : (pattern[..start], pattern[(pattern.IndexOf('}', StringComparison.Ordinal) + 1)..]);
    }

    public string Method { get; }

    /// <summary>Path with at most one <c>{…}</c>, which takes names with '/' too.</summary>
    public string Pattern { get; }

    /// <summary>The right without which nobody comes in; null = whoever has signed in, or everybody when <see cref="IsOpen"/>.</summary>
    public string? Permission { get; }

    public Served Served { get; }

    public DockerHandler Handler { get; }

    /// <summary>Also for those who have not shown who they are.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>Stays open: it ends with the credential it was opened by.</summary>
    public bool Streams { get; init; }

    /// <summary>The connection is the container's from then on, which only HTTP/1.1 has.</summary>
    public bool TakesOver { get; init; }

    /// <summary>Largest body in bytes; null = a stream without a limit.</summary>
    public long? MaxBody { get; init; } = DockerCall.LargestJson;

    private string Prefix { get; }

    private string? Suffix { get; }

    public bool HasName => Suffix is not null;

    /// <summary>Core decides again with the object at hand.</summary>
    public static DockerRoute Of(string method, string pattern, string permission, Served served, DockerHandler handler) => new(method, pattern, permission, served, handler);

    public static DockerRoute SignedIn(string method, string pattern, Served served, DockerHandler handler) => new(method, pattern, null, served, handler);

    public static DockerRoute Open(string method, string pattern, DockerHandler handler) => new(method, pattern, null, Served.Snapshot, handler) { IsOpen = true };

    /// <summary>501 and a sentence that names our way.</summary>
    public static DockerRoute Refuse(string method, string pattern, string sentence) =>
        new(method, pattern, null, Served.Refused, _ => Task.FromResult<Error?>(new NotServedError(sentence))) { MaxBody = null };

    /// <summary>True when the path is this route's; <paramref name="name"/> is what stands at <c>{…}</c>.</summary>
    public bool Matches(string path, out string name)
    {
        name = "";
        if (Suffix is null)
        {
            return string.Equals(path, Prefix, StringComparison.Ordinal);
        }

        if (path.Length <= Prefix.Length + Suffix.Length || !path.StartsWith(Prefix, StringComparison.Ordinal) || !path.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return false;
        }

        name = path[Prefix.Length..^Suffix.Length];
        return true;
    }
}

/// <summary>This door does not serve it, by design.</summary>
internal sealed record NotServedError(string Message) : Error("docker.not_served", Message);
