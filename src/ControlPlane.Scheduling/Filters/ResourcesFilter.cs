namespace ControlPlane.Scheduling.Filters;

/// <summary>Reserved and requested together stay within the capacity and its overcommit, for what is requested.</summary>
internal sealed class ResourcesFilter : INodeFilter
{
    public string Name => "resources";

    public INodeCheck? For(PlacementRequest request) =>
        request is { MemoryBytes: 0, NanoCpus: 0 } ? null : new Check(request.MemoryBytes, request.NanoCpus);

    private sealed class Check(long memoryBytes, long nanoCpus) : INodeCheck
    {
        public bool Passes(in NodeView node) => HasMemory(node) && HasCpus(node);

        public Rejection? Explain(in NodeView node)
        {
            var capacity = node.Facts.Capacity;
            var usage = node.Usage;
            var beyond = capacity.OvercommitPercent == 0 ? "" : $" (+{capacity.OvercommitPercent} % overcommit)";
            var memory = HasMemory(node) ? null
                : $"{Quantity.BytesUp(memoryBytes)} asked, {Quantity.BytesDown(Free(capacity.ReservableMemoryBytes, usage.ReservedMemoryBytes))} free of {Quantity.BytesDown(capacity.MemoryBytes)}{beyond}";
            var cpus = HasCpus(node) ? null
                : $"{Quantity.CpusUp(nanoCpus)} CPUs asked, {Quantity.CpusDown(Free(capacity.ReservableNanoCpus, usage.ReservedNanoCpus))} free of {Quantity.CpusDown(capacity.NanoCpus)}{beyond}";
            return (memory, cpus) switch
            {
                (null, null) => null,
                ({ } text, null) => new Rejection(text, new RefusalPhrase("lacks memory", "lack memory")),
                (null, { } text) => new Rejection(text, new RefusalPhrase("lacks CPUs", "lack CPUs")),
                _ => new Rejection($"{memory}; {cpus}", new RefusalPhrase("lacks memory and CPUs", "lack memory and CPUs")),
            };
        }

        private static long Free(long reservable, long reserved) => Math.Max(0, reservable - reserved);

        // What is not asked for cannot be lacking, even where more is reserved than there is.
        private bool HasMemory(in NodeView node) =>
            memoryBytes == 0 || memoryBytes <= node.Facts.Capacity.ReservableMemoryBytes - node.Usage.ReservedMemoryBytes;

        private bool HasCpus(in NodeView node) =>
            nanoCpus == 0 || nanoCpus <= node.Facts.Capacity.ReservableNanoCpus - node.Usage.ReservedNanoCpus;
    }
}
