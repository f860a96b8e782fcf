namespace ControlPlane.Contracts.Tunnels;

/// <summary>
/// Kind of a tunnel frame: the first byte of each binary WebSocket message, the rest is payload. One tunnel carries one request at a time;
/// when both sides have sent <see cref="End"/> it is idle again and may carry the next.
/// </summary>
public enum TunnelFrame : byte
{
    /// <summary>Server → agent: <see cref="TunnelRequest"/> as JSON, at most <see cref="TunnelLimits.MaxHead"/>.</summary>
    Request = 1,

    /// <summary>Agent → server: <see cref="TunnelResponse"/> as JSON.</summary>
    Response = 2,

    /// <summary>Bytes of a body, either way; at most <see cref="TunnelLimits.MaxPayload"/> and never none.</summary>
    Data = 3,

    /// <summary>No more bytes this way (half-close); the other way goes on.</summary>
    End = 4,

    /// <summary>Server → agent: give up the request. Agent → server: the body broke off; payload is the reason in UTF-8. The sender closes the tunnel.</summary>
    Reset = 5,

    /// <summary>
    /// Agent → server: the request has arrived. What broke before may be sent again on another tunnel. Requests that only read are told so when
    /// their answer does not come at once.
    /// </summary>
    Accepted = 6,

    /// <summary>Either way: so many bytes of bodies have been taken (32 bits, little-endian) and may be sent beyond the window.</summary>
    Credit = 7,

    /// <summary>Server → agent: <see cref="Request"/> and <see cref="End"/> in one.</summary>
    Ask = 8,

    /// <summary>
    /// Agent → server: <see cref="Response"/>, <see cref="Data"/> and <see cref="End"/> in one, for answers that are there at once: the length of the head
    /// (32 bits, little-endian), the head, the body; the body counts against the credits.
    /// </summary>
    Whole = 9,
}

/// <summary>Bounds of a tunnel.</summary>
public static class TunnelLimits
{
    /// <summary>
    /// Largest payload of a data frame, in bytes: with the heads of frame and WebSocket it fits a pooled buffer of 64 KiB (one of twice the size
    /// would live among the large objects) and four TLS records.
    /// </summary>
    public const int MaxPayload = (64 * 1024) - 32;

    /// <summary>Largest head of a request or an answer, in bytes.</summary>
    public const int MaxHead = 256 * 1024;

    /// <summary>Bytes of bodies that may be under way each way until the other side takes them: what a slow reader costs.</summary>
    public const int Window = 256 * 1024;

    /// <summary>Tunnels that one node may have open at once.</summary>
    public const int MaxPerNode = 512;

    /// <summary>Of these, how many may carry requests that last (followed logs, terminals, transfers): the rest is kept for short ones.</summary>
    public const int MaxLasting = MaxPerNode - 64;
}
