namespace ControlPlane.Core.Access;

/// <summary>Remembers per collection whether the caller may see it, for the length of one list.</summary>
public sealed class CollectionSight(Authorizer authorizer, Caller caller, string permission)
{
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    public bool Of(string collection)
    {
        if (!_known.TryGetValue(collection, out var visible))
        {
            _known[collection] = visible = authorizer.MaySee(caller, permission, collection);
        }

        return visible;
    }
}
