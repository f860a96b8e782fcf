using ControlPlane.Contracts.Live;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Usage;
using ControlPlane.Core.State;
using Microsoft.AspNetCore.SignalR;

namespace ControlPlane.Api.Live;

/// <summary>The pages' door: a page says what it shows, the feed does the rest.</summary>
internal sealed class LiveHub(LivePages pages, ClusterState state, Authorizer authorizer, UsageWatch usage, RunningOperations running) : Hub<ILiveClient>
{
    private const string CallerKey = "caller";
    private const string UsageKey = "usage";

    public override Task OnConnectedAsync()
    {
        var caller = Context.GetHttpContext()?.GetCaller();
        if (caller is null or { Kind: CallerKind.Anonymous })
        {
            Context.Abort();
            return Task.CompletedTask;
        }

        Context.Items[CallerKey] = caller;
        pages.Add(new LivePage(Context.ConnectionId, Clients.Caller, (permission, collection) => authorizer.MaySee(caller, permission, collection)));
        return Task.CompletedTask;
    }

    /// <summary>Replaces what the page shows. Answers how many operations run.</summary>
    public int Watch(LiveWatch watch)
    {
        if (pages.Find(Context.ConnectionId) is not { } page || Context.Items[CallerKey] is not Caller caller)
        {
            return 0;
        }

        var cluster = state.Current;
        var containers = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var nodes = new CollectionSight(authorizer, caller, Permission.NodesRead);
        page.Watch(watch with
        {
            Containers = [.. watch.Containers.Where(id => cluster.Containers.GetValueOrDefault(id) is not { } known || containers.Of(known.Collection))],
            Nodes = [.. watch.Nodes.Where(id => cluster.Node(id) is { } known && nodes.Of(known.Collection))],
        });
        (Context.Items[UsageKey] as IDisposable)?.Dispose();
        Context.Items[UsageKey] = usage.Watch(page.Containers.Where(id => cluster.Containers.GetValueOrDefault(id)?.State == "running"));
        return running.Count;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        pages.Remove(Context.ConnectionId);
        (Context.Items[UsageKey] as IDisposable)?.Dispose();
        return Task.CompletedTask;
    }
}
