namespace ControlPlane.Lab;

/// <summary>Which way packets of a node are dropped.</summary>
public enum NetworkCut
{
    Both,
    Incoming,
    Outgoing,
}
