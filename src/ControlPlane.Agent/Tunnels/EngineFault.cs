namespace ControlPlane.Agent.Tunnels;

/// <summary>The engine let a request down.</summary>
/// <param name="status">Status of the answer; 0 when an answer has begun already.</param>
/// <param name="message">What happened.</param>
internal sealed class EngineFault(int status, string message) : Exception(message)
{
    public int Status => status;
}
