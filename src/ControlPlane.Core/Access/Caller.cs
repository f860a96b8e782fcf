using System.Net;

namespace ControlPlane.Core.Access;

/// <summary>How a caller showed who they are.</summary>
public enum CallerKind
{
    Anonymous,
    Session,
    Token,

    /// <summary>A client certificate of ours, on the Docker endpoint.</summary>
    Certificate,
    Node,

    /// <summary>The server itself (reconciler, command line on the server's machine).</summary>
    System,
}

/// <summary>Who asks, by what means, from where. Every application operation takes one.</summary>
public sealed record Caller
{
    public required CallerKind Kind { get; init; }

    /// <summary>Id of the user or node; empty when anonymous.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>May everything; only <see cref="Authorizer"/> decides by it.</summary>
    public required bool IsAdministrator { get; init; }

    /// <summary>Id of the token or session that was shown; never its secret.</summary>
    public string? CredentialId { get; init; }

    /// <summary>What the token is limited to; null = all that its owner may.</summary>
    public TokenScope? Scope { get; init; }

    /// <summary>What the person has to do before anything else (<c>password_change</c>, <c>second_factor</c>); null = nothing.</summary>
    public string? Pending { get; init; }

    /// <summary>Where things go that are made without naming a collection; null = <c>/Shared</c>.</summary>
    public string? DefaultCollection { get; init; }

    /// <summary>The networks that the token may be used from; null = everywhere. Judged where the credential is shown.</summary>
    public IReadOnlyList<IPNetwork>? Networks { get; init; }

    public string? RemoteAddress { get; init; }

    public required string RequestId { get; init; }

    public static Caller Anonymous(string requestId, string? remoteAddress) => new()
    {
        Kind = CallerKind.Anonymous,
        Id = "",
        Name = "anonymous",
        IsAdministrator = false,
        RequestId = requestId,
        RemoteAddress = remoteAddress,
    };

    /// <summary>The server acting for itself.</summary>
    public static Caller System(string reason) => new()
    {
        Kind = CallerKind.System,
        Id = "system",
        Name = "system",
        IsAdministrator = true,
        RequestId = reason,
    };
}
