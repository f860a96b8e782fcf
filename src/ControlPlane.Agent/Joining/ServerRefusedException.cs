using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Joining;

/// <summary>The server answered an agent's request with a refusal.</summary>
internal sealed class ServerRefusedException(int status, AgentRefusal refusal) : Exception(refusal.Message)
{
    public int Status { get; } = status;

    public AgentRefusal Refusal { get; } = refusal;

    /// <summary>4xx means that the same request will be refused again; 408 and 429 do not.</summary>
    public bool IsFinal => Status is >= 400 and < 500 and not 408 and not 429;
}
