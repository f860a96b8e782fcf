using ControlPlane.Contracts.Agents;
using Microsoft.AspNetCore.SignalR;

namespace ControlPlane.Agent.Tests.Fakes;

internal sealed class FakeAgentHub(FakeControlPlane server) : Hub
{
    public Task<Welcome> Hello(Hello hello)
    {
        server.Seen.Add(seen => seen.Hellos.Add(hello));
        return Task.FromResult(new Welcome(
            Guid.NewGuid().ToString("N"), "tunnel-key", server.HeartbeatMilliseconds, server.WarmTunnels, "node-1", TimeProvider.System.GetUtcNow().UtcDateTime, server.TrustedKeys));
    }

    public void Heartbeat(Heartbeat heartbeat) => server.Seen.Add(seen => seen.Heartbeats.Add(heartbeat));

    public void Describe(NodeDescription description) => server.Seen.Add(seen => seen.Descriptions.Add(description));

    public void Inventory(InventoryReport report) => server.Seen.Apply(report);

    public void CommandEnded(CommandResult result) => server.Seen.Add(seen => seen.Results.Add(result));

    public void CommandProgressed(CommandProgress progress) => server.Seen.Add(seen => seen.Progress.Add(progress));

    public void Usage(UsageReport report) => server.Seen.Add(seen => seen.Usage.Add(report));
}
