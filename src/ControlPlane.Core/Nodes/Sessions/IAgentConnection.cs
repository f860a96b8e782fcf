using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>The transport of one session.</summary>
public interface IAgentConnection
{
    /// <summary>Calls to the agent.</summary>
    IAgentClient Agent { get; }

    string? RemoteAddress { get; }

    /// <summary>Cuts the connection without another word.</summary>
    void Abort();
}
