using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Nodes.Links;

/// <summary>Reads and streams of a node. Opens fail fast: <c>node.not_connected</c>, <c>tunnel.unavailable</c>, <c>tunnel.deadline</c>.</summary>
public interface ITunnels
{
    /// <summary>A request without a body; comes back with the head of the answer.</summary>
    Task<Result<TunnelReply>> OpenAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken);

    /// <summary>A request with a body, or one that takes the connection over; comes back as soon as the request is on its way.</summary>
    Task<Result<ITunnelExchange>> BeginAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken);
}

/// <summary>
/// A request whose body is still being sent. Both directions are independent: one may write, and another read, at the same time.
/// Disposing gives up whatever has not ended.
/// </summary>
public interface ITunnelExchange : IAsyncDisposable
{
    /// <summary>Sends bytes of the body; waits while the node does not take them. Throws <see cref="IOException"/> when the tunnel breaks.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Half-close: no more bytes from this side.</summary>
    Task EndAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The head of the answer, once; it may come before the body has been sent. No deadline of its own while bytes are being written; 15 s of silence
    /// afterwards are <c>tunnel.deadline</c>, or as long as the kind of request allows.
    /// </summary>
    Task<Result<TunnelResponse>> HeadAsync(CancellationToken cancellationToken);

    /// <summary>The body of the answer, after <see cref="HeadAsync"/>.</summary>
    Stream Body { get; }
}

/// <summary>An answer through a tunnel. Disposing gives up what has not been read.</summary>
/// <param name="Head">Status and type.</param>
/// <param name="Body">The body; reading follows the node's pace and holds it back when nobody reads.</param>
public sealed record TunnelReply(TunnelResponse Head, Stream Body) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Body.DisposeAsync();
}
