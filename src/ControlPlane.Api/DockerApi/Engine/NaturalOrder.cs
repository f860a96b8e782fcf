namespace ControlPlane.Api.DockerApi.Engine;

/// <summary>Orders names as people do: <c>node-2</c> before <c>node-10</c>.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    private static readonly StringComparer Comparer = StringComparer.Create(System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering);

    public int Compare(string? x, string? y) => Comparer.Compare(x, y) is var order and not 0 ? order : string.CompareOrdinal(x, y);
}
