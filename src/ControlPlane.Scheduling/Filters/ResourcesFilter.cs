namespace ControlPlane.Scheduling.Filters;

/// <summary>
/// Reserved and requested together stay within the capacity and its overcommit, for what is requested. Generic resources are
/// counted one by one and never overcommitted.
/// </summary>
internal sealed class ResourcesFilter : INodeFilter
{
    public string Name => "resources";

    public INodeCheck? For(PlacementRequest request) => request is { MemoryBytes: 0, NanoCpus: 0, GenericResources.Count: 0 }
        ? null
        : new Check(request.MemoryBytes, request.NanoCpus, [.. request.GenericResources]);

    private sealed class Check(long memoryBytes, long nanoCpus, GenericResource[] generic) : INodeCheck
    {
        public bool Passes(in NodeView node)
        {
            foreach (var resource in generic)
            {
                if (!HasGeneric(node, resource))
                {
                    return false;
                }
            }

            return HasMemory(node) && HasCpus(node);
        }

        public Rejection? Explain(in NodeView node)
        {
            var view = node;
            (string What, string Text)[] lacks =
            [
                .. HasMemory(node) ? [] : new[] { ("memory", MemoryText(node)) },
                .. HasCpus(node) ? [] : new[] { ("CPUs", CpuText(node)) },
                .. generic.Where(resource => !HasGeneric(view, resource)).Select(resource => (resource.Name, GenericText(view, resource))),
            ];
            if (lacks.Length == 0)
            {
                return null;
            }

            var what = And([.. lacks.Select(lack => lack.What)]);
            return new Rejection(string.Join("; ", lacks.Select(lack => lack.Text)), new RefusalPhrase($"lacks {what}", $"lack {what}"));
        }

        private static string Beyond(in NodeCapacity capacity) =>
            capacity.OvercommitPercent == 0 ? "" : $" (+{capacity.OvercommitPercent} % overcommit)";

        private static long Free(long reservable, long reserved) => Math.Max(0, reservable - reserved);

        private static bool HasGeneric(in NodeView node, in GenericResource resource) =>
            resource.Count <= Declared(node, resource.Name) - node.Usage.ReservedGeneric(resource.Name);

        private static long Declared(in NodeView node, string name) => node.Facts.GenericResources.GetValueOrDefault(name);

        private static string GenericText(in NodeView node, in GenericResource resource) => Declared(node, resource.Name) is > 0 and var declared
            ? $"{resource.Count} {resource.Name} asked, {Free(declared, node.Usage.ReservedGeneric(resource.Name))} free of {declared}"
            : $"{resource.Count} {resource.Name} asked, has none";

        private static string And(string[] items) => items is [.. var first, var second, var last]
            ? $"{string.Join(", ", [.. first, second])} and {last}"
            : items[0];

        private string MemoryText(in NodeView node)
        {
            var capacity = node.Facts.Capacity;
            var free = Free(capacity.ReservableMemoryBytes, node.Usage.ReservedMemoryBytes);
            return $"{Quantity.BytesUp(memoryBytes)} asked, {Quantity.BytesDown(free)} free of {Quantity.BytesDown(capacity.MemoryBytes)}{Beyond(capacity)}";
        }

        private string CpuText(in NodeView node)
        {
            var capacity = node.Facts.Capacity;
            var free = Free(capacity.ReservableNanoCpus, node.Usage.ReservedNanoCpus);
            return $"{Quantity.CpusUp(nanoCpus)} CPUs asked, {Quantity.CpusDown(free)} free of {Quantity.CpusDown(capacity.NanoCpus)}{Beyond(capacity)}";
        }

        // What is not asked for cannot be lacking, even where more is reserved than there is.
        private bool HasMemory(in NodeView node) =>
            memoryBytes == 0 || memoryBytes <= node.Facts.Capacity.ReservableMemoryBytes - node.Usage.ReservedMemoryBytes;

        private bool HasCpus(in NodeView node) =>
            nanoCpus == 0 || nanoCpus <= node.Facts.Capacity.ReservableNanoCpus - node.Usage.ReservedNanoCpus;
    }
}
