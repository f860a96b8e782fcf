namespace ControlPlane.Scheduling;

/// <summary>Transport of a published port, as the engine knows it.</summary>
public enum PortProtocol
{
    /// <summary><c>tcp</c>, the engine's default.</summary>
    Tcp,

    /// <summary><c>udp</c>.</summary>
    Udp,

    /// <summary><c>sctp</c>.</summary>
    Sctp,
}
