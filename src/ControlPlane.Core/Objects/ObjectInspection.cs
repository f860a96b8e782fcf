using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Objects;

/// <summary>Reads one document of an engine through a tunnel.</summary>
internal static class ObjectInspection
{
    /// <summary>A network of a thousand containers is about half of that.</summary>
    private const int Largest = 1024 * 1024;

    public static async Task<Result<byte[]>> ReadAsync(ITunnels tunnels, NodeRecord node, TunnelRequest request, NotFoundError missing, CancellationToken cancellationToken)
    {
        var opened = await tunnels.OpenAsync(node.Id, request, cancellationToken);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        using var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await reply.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            body.Write(chunk, 0, read);
            if (body.Length > Largest)
            {
                return new EngineError("engine.refused", $"{node.Name}: the engine's answer is too long.", 502);
            }
        }

        return reply.Head.Status switch
        {
            200 => body.ToArray(),
            404 => missing,
            var status => new EngineError("engine.refused", $"{node.Name}: {EngineMessage.Read(body.GetBuffer().AsSpan(0, (int)body.Length))}", status),
        };
    }
}
