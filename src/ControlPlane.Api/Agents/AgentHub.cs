using System.Security.Claims;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Sessions;
using Microsoft.AspNetCore.SignalR;

namespace ControlPlane.Api.Agents;

/// <summary>The agents' door: translates, nothing more. Messages of one agent are handled in order, one at a time.</summary>
internal sealed class AgentHub(NodeSessions sessions, IHubContext<AgentHub, IAgentClient> hub) : Hub<IAgentClient>, IAgentHub
{
    private static readonly object SessionKey = new();

    private NodeSession? Session => Context.Items.TryGetValue(SessionKey, out var value) ? (NodeSession?)value : null;

    public async Task<Welcome> Hello(Hello hello)
    {
        var nodeId = Context.User?.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new HubException("auth.required: no ticket.");
        if (Session is not null)
        {
            Context.Abort();
            throw new HubException("agent.protocol: the session has begun already.");
        }

        var connection = new HubAgentConnection(Context, hub.Clients.Client(Context.ConnectionId));
        var opened = sessions.Open(nodeId, hello, connection);
        if (!opened.IsSuccess)
        {
            // The reason goes as a message of its own, too: an agent of another version may not read the answer.
            await Clients.Caller.End(new SessionEnd(opened.Error.Code, opened.Error.Message, Reconnect: false));
            throw new HubException($"{opened.Error.Code}: {opened.Error.Message}");
        }

        Context.Items[SessionKey] = opened.Value.Session;
        return opened.Value.Welcome;
    }

    public Task Heartbeat(Heartbeat heartbeat)
    {
        sessions.Heartbeat(Required(), heartbeat);
        return Task.CompletedTask;
    }

    public Task Describe(NodeDescription description)
    {
        sessions.Describe(Required(), description);
        return Task.CompletedTask;
    }

    public Task Inventory(InventoryReport report)
    {
        sessions.Inventory(Required(), report);
        return Task.CompletedTask;
    }

    public Task CommandEnded(CommandResult result)
    {
        sessions.CommandEnded(Required(), result);
        return Task.CompletedTask;
    }

    public Task CommandProgressed(CommandProgress progress)
    {
        sessions.CommandProgressed(Required(), progress);
        return Task.CompletedTask;
    }

    public Task Usage(UsageReport report)
    {
        sessions.Usage(Required(), report);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Session is { } session)
        {
            sessions.Close(session);
        }

        return Task.CompletedTask;
    }

    private NodeSession Required() => Session ?? throw new HubException("agent.protocol: say hello first.");

    private sealed class HubAgentConnection(HubCallerContext context, IAgentClient agent) : IAgentConnection
    {
        public IAgentClient Agent => agent;

        public string? RemoteAddress { get; } = context.GetHttpContext()?.GetRemoteAddress();

        public void Abort() => context.Abort();
    }
}
