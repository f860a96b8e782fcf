namespace ControlPlane.Core.Access;

/// <summary>Remembers per collection whether the caller may see it, for the length of a list or a stream; forgets when grants change.</summary>
public sealed class CollectionSight(Authorizer authorizer, Caller caller, string permission)
{
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);
    private long _version = authorizer.Version;

    public bool Of(string collection)
    {
        if (_version != authorizer.Version)
        {
            _version = authorizer.Version;
            _known.Clear();
        }

        if (!_known.TryGetValue(collection, out var visible))
        {
            _known[collection] = visible = authorizer.MaySee(caller, permission, collection);
        }

        return visible;
    }
}
