namespace ControlPlane.Core.State;

/// <summary>A container's place among all, newest first; the order of lists that ask for no other.</summary>
public readonly record struct ContainerPlace(long Ticks, string Id)
{
    public static readonly IComparer<ContainerPlace> NewestFirst = Comparer<ContainerPlace>.Create((a, b) =>
    {
        var byTime = b.Ticks.CompareTo(a.Ticks);
        return byTime != 0 ? byTime : string.CompareOrdinal(b.Id, a.Id);
    });

    public static ContainerPlace Of(ContainerRecord container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return new ContainerPlace(container.CreatedAt.Ticks, container.Id);
    }
}
