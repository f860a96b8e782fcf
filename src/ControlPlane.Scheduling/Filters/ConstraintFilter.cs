namespace ControlPlane.Scheduling.Filters;

/// <summary>Every constraint of the request holds; soft ones count as hard until they are taken out of the request.</summary>
internal sealed class ConstraintFilter : INodeFilter
{
    public string Name => "constraint";

    public INodeCheck? For(PlacementRequest request) => request.Constraints.Count == 0 ? null : new Check([.. request.Constraints]);

    private sealed class Check(Constraint[] constraints) : INodeCheck
    {
        // Labels have no limit of their own; people need only see what kind of value it is.
        private const int ShownLength = 128;

        private readonly IndexPart[] _parts = Array.TrueForAll(constraints, CanBeFound) ? Array.ConvertAll(constraints, Part) : [];

        public bool Passes(in NodeView node)
        {
            foreach (var constraint in constraints)
            {
                if (!constraint.IsMetBy(node))
                {
                    return false;
                }
            }

            return true;
        }

        public bool Narrow(IClusterView view, SlotSet candidates) => _parts.Length > 0 && IndexParts.Narrow(_parts, view, candidates);

        public Rejection? Explain(in NodeView node)
        {
            var view = node;
            var unmet = constraints.Where(constraint => !constraint.IsMetBy(view)).ToArray();
            return unmet.Length == 0
                ? null
                : new Rejection(string.Join("; ", unmet.Select(constraint => Reason(constraint, view))), Summary(unmet[0]));
        }

        private static bool CanBeFound(Constraint constraint) => constraint is { IsExact: true, ConcernsIdentity: false };

        private static IndexPart Part(Constraint constraint) =>
            new(new Term(TermKind.Label, constraint.Key, constraint.Value), constraint.IsNegated);

        private static string Reason(Constraint constraint, in NodeView node)
        {
            var needs = $"needs `{constraint.Key}{(constraint.IsNegated ? "!=" : "=")}{constraint.Value}`";
            return constraint switch
            {
                { Key: "node.id" } => $"{needs}, is `{node.Id}`",
                { ConcernsIdentity: true } => $"{needs}, is `{node.Name}`",
                _ when node.Facts.Labels.Find(constraint.Key) is { } value => $"{needs}, has `{constraint.Key}={Shown(value)}`",
                _ => $"{needs}, has no `{constraint.Key}`",
            };
        }

        private static string Shown(string value) => value.Length <= ShownLength ? value : $"{value.AsSpan(0, ShownLength)}…";

        private static RefusalPhrase Summary(Constraint constraint) => constraint switch
        {
            { ConcernsIdentity: true, IsNegated: false } => new($"is not {constraint.Value}", $"are not {constraint.Value}"),
            { ConcernsIdentity: true } => new($"is excluded by {constraint.Key}!={constraint.Value}", $"are excluded by {constraint.Key}!={constraint.Value}"),
            { IsNegated: true } => new($"fails {constraint.Key}!={constraint.Value}", $"fail {constraint.Key}!={constraint.Value}"),
            _ => new($"misses label {constraint.Key}={constraint.Value}", $"miss label {constraint.Key}={constraint.Value}"),
        };
    }
}
