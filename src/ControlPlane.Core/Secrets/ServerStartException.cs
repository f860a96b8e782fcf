namespace ControlPlane.Core.Secrets;

/// <summary>The server cannot start; the message is one sentence for the operator.</summary>
public sealed class ServerStartException : Exception
{
    public ServerStartException()
    {
    }

    public ServerStartException(string message) : base(message)
    {
    }

    public ServerStartException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
