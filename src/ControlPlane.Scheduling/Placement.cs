using System.Collections.Frozen;
using ControlPlane.Scheduling.Filters;
using ControlPlane.Scheduling.Strategies;

namespace ControlPlane.Scheduling;

/// <summary>
/// Places one request on one node of a view. Pure: the same request over the same view gives the same answer.
/// Immutable and safe to share; the views are not (see <see cref="IClusterView"/>).
/// </summary>
public sealed class Placement
{
    /// <summary>The placement of the product: all its filters and strategies.</summary>
    public static readonly Placement Standard = new(StandardFilters.InOrder, StandardStrategies.All);

    private readonly INodeFilter[] _filters;
    private readonly FrozenDictionary<string, IPlacementStrategy> _strategies;

    /// <summary>Creates a placement.</summary>
    /// <param name="filters">Asked in this order; put cheap ones first.</param>
    /// <param name="strategies">Chosen by name; two of one name are an error.</param>
    public Placement(IEnumerable<INodeFilter> filters, IEnumerable<IPlacementStrategy> strategies)
    {
        _filters = [.. filters];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_filters.Length, CheckList.MaxFilters, nameof(filters));
        _strategies = strategies.ToFrozenDictionary(strategy => strategy.Name, StringComparer.Ordinal);
    }

    /// <summary>Names of the strategies, sorted.</summary>
    public IReadOnlyList<string> Strategies => [.. _strategies.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Returns what is wrong with a strategy name, or null when it is known.</summary>
    /// <param name="name">A name as a user wrote it.</param>
    public string? ProblemWithStrategy(string name) => _strategies.ContainsKey(name)
        ? null
        : $"the strategy '{name}' is unknown; there {(_strategies.Count == 1 ? "is" : "are")} {string.Join(", ", Strategies)}";

    /// <summary>Decides, as fast as the index of the view allows.</summary>
    /// <param name="request">What is to be placed.</param>
    /// <param name="view">The cluster; must not change meanwhile.</param>
    public PlacementDecision Decide(PlacementRequest request, IClusterView view)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(view);
        if (!_strategies.TryGetValue(request.Strategy, out var strategy))
        {
            return UnknownStrategy(request, view);
        }

        var attempt = new Attempt(_filters, strategy, request, view, wholly: false);
        if (attempt.Fails && request.HasSoft)
        {
            attempt = new Attempt(_filters, strategy, request.WithoutSoft(), view, wholly: false) { GaveUpSoft = true };
        }

        return attempt.Decision();
    }

    /// <summary>Decides and gives every reason for every node. Agrees with <see cref="Decide"/>, takes longer.</summary>
    /// <param name="request">What is to be placed.</param>
    /// <param name="view">The cluster; must not change meanwhile.</param>
    public PlacementExplanation Explain(PlacementRequest request, IClusterView view)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(view);
        if (!_strategies.TryGetValue(request.Strategy, out var strategy))
        {
            return new PlacementExplanation(UnknownStrategy(request, view), []);
        }

        var attempt = new Attempt(_filters, strategy, request, view, wholly: true);
        if (attempt.Fails && request.HasSoft)
        {
            attempt = new Attempt(_filters, strategy, request.WithoutSoft(), view, wholly: true) { GaveUpSoft = true };
        }

        return new PlacementExplanation(attempt.Decision(), attempt.Nodes());
    }

    private Unplaceable UnknownStrategy(PlacementRequest request, IClusterView view) => new()
    {
        Refused = [],
        NodesExamined = 0,
        NodesTotal = view.NodeCount,
        SoftGivenUp = false,
        Text = ProblemWithStrategy(request.Strategy)!,
    };
}
