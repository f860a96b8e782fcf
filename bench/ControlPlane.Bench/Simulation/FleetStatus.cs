namespace ControlPlane.Bench.Simulation;

/// <summary>What a fleet says of itself.</summary>
/// <param name="Agents">Agents that have joined.</param>
/// <param name="Synced">Of these, with an open session whose inventory the server has.</param>
/// <param name="Pings">Heartbeats answered since the last status.</param>
/// <param name="PingP50">Time from sending a heartbeat until the hub's answer, median, in milliseconds.</param>
/// <param name="PingP99">The same, 99th percentile.</param>
internal sealed record FleetStatus(int Agents, int Synced, int Pings, double PingP50, double PingP99);
