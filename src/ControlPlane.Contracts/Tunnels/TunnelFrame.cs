namespace ControlPlane.Contracts.Tunnels;

/// <summary>
/// Kind of a tunnel frame: the first byte of each binary WebSocket message, the rest is payload of at most
/// <see cref="TunnelLimits.MaxPayload"/> bytes. One tunnel carries one request at a time; when both sides have sent
/// <see cref="End"/> it is idle again and may carry the next.
/// </summary>
public enum TunnelFrame : byte
{
    /// <summary>Server → agent: <see cref="TunnelRequest"/> as JSON.</summary>
    Request = 1,

    /// <summary>Agent → server: <see cref="TunnelResponse"/> as JSON.</summary>
    Response = 2,

    /// <summary>Bytes of a body, either way.</summary>
    Data = 3,

    /// <summary>No more bytes this way (half-close); the other way goes on.</summary>
    End = 4,

    /// <summary>Server → agent: give up the request. Agent → server: the body broke off; payload is the reason in UTF-8. The sender closes the tunnel.</summary>
    Reset = 5,
}

/// <summary>Bounds of a tunnel.</summary>
public static class TunnelLimits
{
    /// <summary>Largest payload of a frame, in bytes: small enough that a slow reader holds little memory.</summary>
    public const int MaxPayload = 32 * 1024;

    /// <summary>Tunnels that one node may have open at once.</summary>
    public const int MaxPerNode = 64;
}
