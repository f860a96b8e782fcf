namespace ControlPlane.Scheduling.Filters;

/// <summary>The node holds everything the container leans on: containers, local networks, local volumes.</summary>
internal sealed class DependencyFilter : INodeFilter
{
    public string Name => "dependency";

    public INodeCheck? For(PlacementRequest request) => request.Dependencies.Count == 0 ? null : new Check([.. request.Dependencies.Distinct()]);

    private sealed class Check(Dependency[] dependencies) : INodeCheck
    {
        private readonly IndexPart[] _parts = [.. dependencies.Select(dependency => new IndexPart(Term.Of(KindOf(dependency), dependency.Name)))];

        public bool Passes(in NodeView node)
        {
            foreach (var dependency in dependencies)
            {
                if (!IsOn(node, dependency))
                {
                    return false;
                }
            }

            return true;
        }

        public bool Narrow(IClusterView view, SlotSet candidates) => IndexParts.Narrow(_parts, view, candidates);

        public Rejection? Explain(in NodeView node)
        {
            var view = node;
            string[] missing = [.. dependencies.Where(dependency => !IsOn(view, dependency)).Select(Noun).Distinct(StringComparer.Ordinal)];
            return missing.Length == 0
                ? null
                : new Rejection(
                    string.Join("; ", missing.Select(noun => $"{noun} is not on this node")),
                    new RefusalPhrase($"is without {missing[0]}", $"are without {missing[0]}"));
        }

        private static bool IsOn(in NodeView node, in Dependency dependency) => dependency.Kind switch
        {
            DependencyKind.Network => node.Facts.Contents.Networks.Contains(dependency.Name),
            DependencyKind.Volume => node.Facts.Contents.Volumes.Contains(dependency.Name),
            _ => HasContainer(node, dependency.Name),
        };

        private static bool HasContainer(in NodeView node, string name)
        {
            foreach (var container in node.Usage.Containers)
            {
                if (Is(container, name))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Is(ContainerFacts container, string name)
        {
            if (string.Equals(container.Id, name, StringComparison.Ordinal) || string.Equals(container.EngineId, name, StringComparison.Ordinal))
            {
                return true;
            }

            var names = container.Names;
            for (var i = 0; i < names.Count; i++)
            {
                if (string.Equals(names[i], name, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }

        private static TermKind KindOf(Dependency dependency) => dependency.Kind switch
        {
            DependencyKind.Network => TermKind.Network,
            DependencyKind.Volume => TermKind.Volume,
            _ => TermKind.Container,
        };

        private static string Noun(Dependency dependency) => dependency.Kind switch
        {
            DependencyKind.Network => $"network {dependency.Name}",
            DependencyKind.Volume => $"volume {dependency.Name}",
            _ => $"container {dependency.Name}",
        };
    }
}
