// Engines, limits in seconds and two cores: one thing after the other, or the figures say nothing.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
