using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Images.Streams;

/// <summary>From an engine's refusal to what its caller is told.</summary>
internal static class EngineAnswers
{
    internal static readonly TimeSpan MessageDeadline = TimeSpan.FromSeconds(5);

    private const int LongestMessage = 4096;

    public static bool IsGood(TunnelResponse head) => head.Status is >= 200 and < 300;

    /// <summary>Reads the message, at most the beginning of it, and what there is of it in five seconds.</summary>
    public static async Task<Error> ErrorAsync(string node, TunnelResponse head, Stream body, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(MessageDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var buffer = new byte[LongestMessage];
        var length = 0;
        try
        {
            int read;
            while (length < buffer.Length && (read = await body.ReadAsync(buffer.AsMemory(length), either.Token)) > 0)
            {
                length += read;
            }
        }
        catch (Exception exception) when (exception is IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The status says it.
        }

        return Of(node, head.Status, length == 0 ? $"the engine answered {head.Status}." : EngineMessage.Read(buffer.AsSpan(0, length)));
    }

    public static Error Of(string node, int status, string text) => status switch
    {
        403 => new EngineError("policy.refused", $"{node}: {text}", 403),
        404 => new EngineError("image.not_found", $"{node}: {text}", 404),
        502 or 503 or 504 => new UnavailableError("engine.unreachable", $"{node}: {text}"),
        _ => new EngineError("engine.refused", $"{node}: {text}", status),
    };

    /// <summary>An error line in a stream: the status was sent before it happened.</summary>
    public static EngineError OfLine(string node, string text) => new("engine.failed", $"{node}: {text}", 500);

    public static UnavailableError Broken(string node, string reason) => new("tunnel.broken", $"{node}: the connection broke off: {reason}");

    public static UnavailableError Silent(string node, TimeSpan patience) =>
        new("node.silent", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{node} said nothing for {patience.TotalSeconds:0} s and was given up."));

    public static Error Named(string node, Error error) => error.Message.StartsWith(node + ":", StringComparison.Ordinal) || error.Message.StartsWith(node + " ", StringComparison.Ordinal)
        ? error
        : error with { Message = $"{node}: {error.Message}" };

    /// <summary>One error for several nodes: the first one's code, everybody's text. Null when there is none.</summary>
    public static Error? Together(IReadOnlyList<Error> errors) => errors.Count switch
    {
        0 => null,
        1 => errors[0],
        _ => errors[0] with { Message = string.Join("; ", errors.Take(20).Select(error => error.Message)) + (errors.Count > 20 ? $"; and {errors.Count - 20} more" : "") },
    };
}
