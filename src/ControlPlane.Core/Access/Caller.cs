namespace ControlPlane.Core.Access;

/// <summary>How a caller showed who they are.</summary>
public enum CallerKind
{
    Anonymous,
    Session,
    Token,
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

    /// <summary>Until roles exist this is the whole of access control; only <see cref="Authorizer"/> may read it.</summary>
    public required bool IsAdministrator { get; init; }

    /// <summary>Id of the token or session that was shown; never its secret.</summary>
    public string? CredentialId { get; init; }

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
