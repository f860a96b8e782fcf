using System.Text.Json;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;

namespace ControlPlane.Web.Containers;

/// <summary>An answer of an engine is good or an error with the engine's own text.</summary>
internal static class EngineAnswer
{
    private const int MaxMessage = 8 * 1024;

    public static async Task<Result<TunnelReply>> CheckAsync(Result<TunnelReply> reply, CancellationToken cancellationToken)
    {
        if (!reply.IsSuccess || reply.Value.Head.Status < 400)
        {
            return reply;
        }

        await using (reply.Value)
        {
            var buffer = new byte[MaxMessage];
            var length = await reply.Value.Body.ReadAtLeastAsync(buffer, MaxMessage, throwOnEndOfStream: false, cancellationToken);
            return new EngineError("engine.refused", Message(buffer.AsMemory(0, length)), reply.Value.Head.Status);
        }
    }

    private static string Message(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("message", out var message) ? message.ToString() : "The engine gave no reason.";
        }
        catch (JsonException)
        {
            return System.Text.Encoding.UTF8.GetString(body.Span);
        }
    }
}
