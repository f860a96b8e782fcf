using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Containers.Moving;

/// <summary>What a create that did not succeed says about other nodes.</summary>
internal enum RefusalKind
{
    /// <summary>Another node may do it.</summary>
    Node,

    /// <summary>The image cannot be had there: a node that holds it may be tried, once.</summary>
    Image,

    /// <summary>No node would do it.</summary>
    Request,

    /// <summary>Something may have been made: never tried elsewhere.</summary>
    Unclear,
}

/// <summary>Sorts the ends of creates.</summary>
internal static class CreateRefusals
{
    /// <summary>
    /// Texts of starts that failed for want of something the host has. The engine looks for ports and addresses when it starts a
    /// container, and has no codes for what it finds.
    /// </summary>
    private static readonly string[] HostTexts =
    [
        "port is already allocated", "address already in use", "no space left on device", "disk quota exceeded", "cannot allocate memory",
        "too many open files", "resource temporarily unavailable", "no available IPv4 addresses", "could not find an available",
    ];

    private static readonly string[] SilenceTexts =
    [
        "i/o timeout", "connection refused", "no such host", "no route to host", "network is unreachable", "connection reset", "TLS handshake timeout",
        "Client.Timeout", "request canceled", "context deadline exceeded", "delivered nothing", "server misbehaving", "Temporary failure in name resolution",
        "unexpected EOF", "unexpected HTTP status: 5", "unexpected status code 5", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway",
    ];

    /// <param name="result">Not <see cref="CommandOutcome.Done"/>.</param>
    /// <param name="first">No earlier create of this container can be under way on that node.</param>
    public static RefusalKind Of(CommandResult result, bool first) => (result.Outcome, result.Code) switch
    {
        (CommandOutcome.Unclear, _) => RefusalKind.Unclear,
        (CommandOutcome.Cancelled, _) => RefusalKind.Request,
        // Policies are the hosts' own: what one forbids, another may allow.
        (CommandOutcome.Refused, _) => RefusalKind.Node,
        // Made and not started: known exactly, and never run.
        _ when result.Container is { StartedAt: null } => IsOfHost(result.Message) ? RefusalKind.Node : RefusalKind.Request,
        _ when result.Container is not null => RefusalKind.Request,
        _ when !result.NothingChanged => RefusalKind.Unclear,
        // Nobody has looked: an earlier create may still have made it.
        (_, "node.not_connected" or "engine.unreachable" or "command.deadline") => first ? RefusalKind.Node : RefusalKind.Unclear,
        (_, "image.pull_failed" or "image.not_found") => RefusalKind.Image,
        (_, "engine.refused") => OfEngine(result),
        _ => RefusalKind.Request,
    };

    /// <summary>The registry did not answer, as opposed to: it has no such image, or does not give it to us.</summary>
    public static bool IsSilence(CommandResult result) =>
        result.Code == "image.pull_failed" && SilenceTexts.Any(text => result.Message.Contains(text, StringComparison.OrdinalIgnoreCase));

    private static RefusalKind OfEngine(CommandResult result) => result.EngineStatus switch
    {
        409 or 408 or 429 or >= 500 => RefusalKind.Node,
        _ when IsOfHost(result.Message) => RefusalKind.Node,
        _ => RefusalKind.Request,
    };

    private static bool IsOfHost(string message) => HostTexts.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase));
}
