using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Session;

/// <summary>What was in the outbox at one moment.</summary>
internal sealed record OutboxContent(
    IReadOnlyList<CommandResult> Results, IReadOnlyList<CommandProgress> Progress, UsageReport? Usage, bool Heartbeat);
