using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;

namespace ControlPlane.Api.DockerApi.Engine;

/// <summary>The filters of <c>docker events</c>: one of the values of each filter, all of <c>label</c>.</summary>
internal sealed class EventMatch(IReadOnlyDictionary<string, IReadOnlyList<string>> filters)
{
    public bool Passes(ClusterEvent entry)
    {
        var happened = entry.Event;
        return Any("type", type => happened.Type == type)
            && Any("event", action => happened.Action == action || happened.Action.StartsWith(action + ":", StringComparison.Ordinal))
            && Any("scope", scope => happened.Scope == scope)
            && Any("node", node => entry.Node == node || entry.NodeId == node)
            && (!filters.TryGetValue("label", out var labels) || labels.All(label => HasLabel(entry, label)))
            && Object("container", entry) && Object("network", entry) && Object("volume", entry) && Object("daemon", entry)
            && Any("image", image => IsImage(entry, image))
            && Object("plugin", entry) && Object("service", entry) && Object("secret", entry) && Object("config", entry);
    }

    private bool Any(string filter, Func<string, bool> passes) => !filters.TryGetValue(filter, out var values) || values.Count == 0 || values.Any(passes);

    private bool Object(string type, ClusterEvent entry) => Any(type, wanted =>
        (entry.Event.Type == type && (Is(entry.Event.ObjectId, wanted) || entry.Event.Name == wanted || $"{entry.Node}/{entry.Event.Name}" == wanted))
        || (type == "container" && entry.Event.Attributes.TryGetValue("container", out var other) && Is(other, wanted)));

    private static bool Is(string id, string wanted) => id == wanted || (wanted.Length >= 4 && id.StartsWith(wanted, StringComparison.Ordinal));

    private static bool IsImage(ClusterEvent entry, string wanted)
    {
        var name = entry.Event.Type == "image" ? entry.Event.Name : entry.Event.Attributes.GetValueOrDefault("image", "");
        // A colon before the last slash is a registry's port.
        var tag = name.LastIndexOf(':');
        return name == wanted || (tag > name.LastIndexOf('/') && name.AsSpan(0, tag).SequenceEqual(wanted)) || (entry.Event.Type == "image" && Is(entry.Event.ObjectId, wanted));
    }

    private static bool HasLabel(ClusterEvent entry, string label)
    {
        var equals = label.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? entry.Event.Attributes.ContainsKey(label) : entry.Event.Attributes.TryGetValue(label[..equals], out var value) && value == label[(equals + 1)..];
    }
}

/// <summary>Who hears of an event: whoever may read events there, and may see what it happened to. Rights that change are asked anew.</summary>
internal sealed class EventSight(Authorizer authorizer, AccessStore access, Caller caller)
{
    private AccessSnapshot? _of;
    private CollectionSight? _events;
    private CollectionSight? _containers;
    private CollectionSight? _nodes;

    public bool Of(ClusterEvent entry)
    {
        if (!ReferenceEquals(_of, access.Current))
        {
            _of = access.Current;
            _events = new CollectionSight(authorizer, caller, Permission.EventsRead);
            _containers = new CollectionSight(authorizer, caller, Permission.ContainersRead);
            _nodes = new CollectionSight(authorizer, caller, Permission.NodesRead);
        }

        return _events!.Of(entry.Collection) && (entry.Event.Type == "container" ? _containers! : _nodes!).Of(entry.Collection);
    }
}
