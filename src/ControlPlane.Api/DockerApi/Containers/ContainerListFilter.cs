using System.Globalization;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>What <c>GET /containers/json</c> and prune choose by; the filters of the engine and <c>node</c>.</summary>
internal sealed class ContainerListFilter
{
    /// <summary>Engine API <c>ContainerList</c>, and classic Swarm's <c>node</c>.</summary>
    public static readonly string[] Known =
        ["ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name", "network", "node", "publish", "since", "status", "volume"];

    private static readonly string[] States = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];
    private static readonly string[] Healths = ["starting", "healthy", "unhealthy", "none"];

    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _filters;
    private readonly ClusterSnapshot _cluster;
    private readonly HashSet<string>? _ancestors;
    private NamePattern? _name;
    private DateTime? _after;
    private DateTime? _before;

    private ContainerListFilter(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, ClusterSnapshot cluster)
    {
        (_filters, _cluster) = (filters, cluster);
        if (filters.TryGetValue("ancestor", out var ancestors))
        {
            _ancestors = Images(ancestors);
        }
    }

    /// <summary>Asks for states, so those that do not run are meant too.</summary>
    public bool AsksForState => _filters.ContainsKey("status") || _filters.ContainsKey("exited");

    /// <param name="filters">By name.</param>
    /// <param name="cluster">The cluster as of now.</param>
    /// <param name="find">Finds the container that <c>before</c> and <c>since</c> name.</param>
    public static Result<ContainerListFilter> Of(
        IReadOnlyDictionary<string, IReadOnlyList<string>> filters, ClusterSnapshot cluster, Func<string, Result<ContainerRecord>> find)
    {
        var filter = new ContainerListFilter(filters, cluster);
        foreach (var (name, allowed) in (ReadOnlySpan<(string, string[])>)[("status", States), ("health", Healths), ("is-task", ["true", "false"])])
        {
            if (filters.TryGetValue(name, out var values) && values.FirstOrDefault(value => !allowed.Contains(value)) is { } wrong)
            {
                return new InvalidError("filters", $"invalid filter '{name}={wrong}'; it may be {string.Join(", ", allowed)}");
            }
        }

        if (filters.TryGetValue("exited", out var codes) && codes.FirstOrDefault(code => !int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) is { } notACode)
        {
            return new InvalidError("filters", $"invalid filter 'exited={notACode}'; it must be a number");
        }

        if (filters.GetValueOrDefault("name", []) is { Count: > 0 } names)
        {
            var pattern = NamePattern.Of(names);
            if (!pattern.IsSuccess)
            {
                return pattern.Error;
            }

            filter._name = pattern.Value;
        }

        foreach (var name in (ReadOnlySpan<string>)["since", "before"])
        {
            if (!filters.TryGetValue(name, out var values))
            {
                continue;
            }

            foreach (var value in values)
            {
                var found = find(value);
                if (!found.IsSuccess)
                {
                    return found.Error;
                }

                if (name == "since")
                {
                    filter._after = found.Value.CreatedAt;
                }
                else
                {
                    filter._before = found.Value.CreatedAt;
                }
            }
        }

        return filter;
    }

    public bool Passes(ContainerRecord container)
    {
        var seen = container.Observed;
        if (_filters.Count == 0)
        {
            return true;
        }

        return Any("id", id => container.EngineId?.StartsWith(id, StringComparison.Ordinal) == true || container.Id.StartsWith(id, StringComparison.Ordinal))
            && IsNamed(container)
            && All("label", label => HasLabel(container, label))
            && Any("status", state => ContainerDocuments.StateOf(container) == state)
            && Any("exited", code => container.State is "exited" or "dead" && seen?.ExitCode.ToString(CultureInfo.InvariantCulture) == code)
            && Any("health", health => (seen?.Health ?? "none") == health)
            && Any("node", node => _cluster.Node(container.NodeId)?.Name == node || container.NodeId == node)
            && Any("is-task", task => task == "false")
            && Any("volume", volume => seen?.MountPoints.Any(mount => mount.Name == volume || mount.Destination == volume || mount.Source == volume) == true)
            && Any("network", network => seen?.Endpoints.Any(endpoint => endpoint.Key == network || endpoint.Value.NetworkId == network
                || $"{_cluster.Node(container.NodeId)?.Name}/{endpoint.Key}" == network) == true)
            && Any("publish", port => seen?.Ports.Any(open => open.HostPort > 0 && IsPort(port, open.HostPort, open.Protocol)) == true)
            && Any("expose", port => seen?.Ports.Any(open => IsPort(port, open.ContainerPort, open.Protocol)) == true)
            && (_ancestors is null || _ancestors.Contains(seen?.ImageId ?? "") || _ancestors.Contains(container.Image))
            && (_after is null || container.CreatedAt > _after)
            && (_before is null || container.CreatedAt < _before);
    }

    private bool Any(string filter, Func<string, bool> passes) => !_filters.TryGetValue(filter, out var values) || values.Count == 0 || values.Any(passes);

    private bool IsNamed(ContainerRecord container) =>
        _name is null || _name.Matches($"/{_cluster.Node(container.NodeId)?.Name}/{container.Name}", container.Name);

    private bool All(string filter, Func<string, bool> passes) => !_filters.TryGetValue(filter, out var values) || values.All(passes);

    public static bool HasLabel(ContainerRecord container, string label)
    {
        var labels = container.Observed?.Labels ?? container.Intent?.Labels;
        var equals = label.IndexOf('=', StringComparison.Ordinal);
        return labels is not null && (equals < 0
            ? labels.ContainsKey(label)
            : labels.TryGetValue(label[..equals], out var value) && value == label[(equals + 1)..]);
    }

    private static bool IsPort(string asked, int port, string protocol)
    {
        var slash = asked.IndexOf('/', StringComparison.Ordinal);
        var (range, wanted) = slash < 0 ? (asked, "tcp") : (asked[..slash], asked[(slash + 1)..]);
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var (from, to) = dash < 0 ? (range, range) : (range[..dash], range[(dash + 1)..]);
        return wanted == protocol && int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var least)
            && int.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && port >= least && port <= most;
    }

    /// <summary>The ids and names of the images asked for.</summary>
    private HashSet<string> Images(IReadOnlyList<string> ancestors)
    {
        var images = new HashSet<string>(ancestors, StringComparer.Ordinal);
        foreach (var image in _cluster.Nodes.Values.SelectMany(node => node.Images))
        {
            foreach (var ancestor in ancestors)
            {
                var tagged = ancestor.Contains(':', StringComparison.Ordinal) ? ancestor : ancestor + ":latest";
                if (image.Tags.Contains(tagged) || image.Id == ancestor || image.Id.StartsWith("sha256:" + ancestor, StringComparison.Ordinal))
                {
                    images.Add(image.Id);
                }
            }
        }

        return images;
    }
}
