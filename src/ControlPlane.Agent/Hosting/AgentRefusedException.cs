namespace ControlPlane.Agent.Hosting;

/// <summary>The agent cannot go on; the message is one sentence for the operator.</summary>
internal sealed class AgentRefusedException(string message, int exitCode = ExitCode.Refused) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
