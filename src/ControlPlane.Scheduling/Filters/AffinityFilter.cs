using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling.Filters;

/// <summary>
/// Every affinity of the request holds; soft ones count as hard until they are taken out of the request. As in classic Swarm
/// containers in any state count, and <c>!=</c> holds where nothing matches. Reasons never name what matched.
/// </summary>
internal sealed class AffinityFilter : INodeFilter
{
    public string Name => "affinity";

    public INodeCheck? For(PlacementRequest request) => request.Affinities.Count == 0 ? null : new Check([.. request.Affinities]);

    private sealed class Check(Affinity[] affinities) : INodeCheck
    {
        private readonly IndexPart[] _parts = Array.TrueForAll(affinities, CanBeFound) ? Array.ConvertAll(affinities, Part) : [];

        public bool Passes(in NodeView node)
        {
            foreach (var affinity in affinities)
            {
                if (!Holds(affinity, node))
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
            Affinity[] broken = [.. affinities.Where(affinity => !Holds(affinity, view))];
            return broken.Length == 0 ? null : new Rejection(string.Join("; ", broken.Select(Reason)), Summary(broken[0]));
        }

        // A further name of a container ("web/db" of a link) is in an index of names, but an affinity does not look at it.
        private static bool CanBeFound(Affinity affinity) =>
            affinity.IsExact && (affinity.Kind != AffinityKind.Container || !affinity.Value.Contains('/', StringComparison.Ordinal));

        private static IndexPart Part(Affinity affinity) => affinity.Kind switch
        {
            AffinityKind.Container => new(Term.Of(TermKind.Container, affinity.Value), affinity.IsNegated),
            AffinityKind.Image => new(Term.Of(TermKind.Image, affinity.Value), affinity.IsNegated),
            _ => new(new Term(TermKind.ContainerLabel, affinity.Key, affinity.Value), affinity.IsNegated),
        };

        private static bool Holds(Affinity affinity, in NodeView node)
        {
            try
            {
                return IsMatched(affinity, node) != affinity.IsNegated;
            }
            catch (RegexMatchTimeoutException)
            {
                // A value too long for a pattern: the safe answer for both operators is no.
                return false;
            }
        }

        private static bool IsMatched(Affinity affinity, in NodeView node) => affinity.Kind switch
        {
            AffinityKind.Image when affinity.IsExact => node.Facts.Contents.Images.Contains(affinity.Value),
            AffinityKind.Image => SomeImage(affinity, node.Facts.Contents.Images),
            _ => SomeContainer(affinity, node.Usage.Containers),
        };

        private static bool SomeImage(Affinity affinity, IReadOnlySet<string> images)
        {
            foreach (var image in images)
            {
                if (affinity.Matches(image))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool SomeContainer(Affinity affinity, IReadOnlyCollection<ContainerFacts> containers)
        {
            foreach (var container in containers)
            {
                if (affinity.Kind == AffinityKind.Container ? Identifies(affinity, container) : affinity.Matches(container.Labels.GetValueOrDefault(affinity.Key, "")))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Identifies(Affinity affinity, ContainerFacts container) =>
            affinity.Matches(container.Id)
            || (container.EngineId is { } engineId && affinity.Matches(engineId))
            || (container.Names.Count > 0 && affinity.Matches(container.Names[0]));

        private static string Reason(Affinity affinity) => affinity.IsNegated
            ? $"must not have {Noun(affinity, "`")}, has one"
            : $"needs {Noun(affinity, "`")}, has none";

        private static RefusalPhrase Summary(Affinity affinity)
        {
            var noun = Noun(affinity, "");
            return affinity.IsNegated ? new($"has {noun}", $"have {noun}") : new($"is without {noun}", $"are without {noun}");
        }

        private static string Noun(Affinity affinity, string quote) => affinity.Kind switch
        {
            AffinityKind.Container => $"a container {quote}{affinity.Value}{quote}",
            AffinityKind.Image => $"an image {quote}{affinity.Value}{quote}",
            _ => $"a container with {quote}{affinity.Key}={affinity.Value}{quote}",
        };
    }
}
