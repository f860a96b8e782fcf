using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Nodes.Links;

/// <summary>Reads and streams of a node. Opens fail fast: <c>node.not_connected</c>, <c>tunnel.unavailable</c>, <c>tunnel.deadline</c>.</summary>
public interface ITunnels
{
    Task<Result<TunnelReply>> OpenAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken);
}

/// <summary>An answer through a tunnel. Disposing gives up what has not been read.</summary>
/// <param name="Head">Status and type.</param>
/// <param name="Body">The body; reading follows the node's pace and holds it back when nobody reads.</param>
public sealed record TunnelReply(TunnelResponse Head, Stream Body) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Body.DisposeAsync();
}
