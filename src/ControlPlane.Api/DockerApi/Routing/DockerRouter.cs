namespace ControlPlane.Api.DockerApi.Routing;

/// <summary>One feature's part of the table.</summary>
internal interface IDockerRoutes
{
    IEnumerable<DockerRoute> Routes { get; }
}

/// <summary>The table of every route; what is not in it does not exist.</summary>
internal sealed class DockerRouter
{
    private readonly Dictionary<(string Method, string Path), DockerRoute> _exact;
    private readonly ILookup<string, DockerRoute> _named;

    public DockerRouter(IEnumerable<IDockerRoutes> features)
    {
        Routes = [.. features.SelectMany(feature => feature.Routes)];
        _exact = Routes.Where(route => !route.HasName).ToDictionary(route => (route.Method, route.Pattern));
        // The longest pattern says most: "/images/{name}/json" before "/images/{name}".
        _named = Routes.Where(route => route.HasName).OrderByDescending(route => route.Pattern.Length).ToLookup(route => route.Method, StringComparer.Ordinal);
    }

    public IReadOnlyList<DockerRoute> Routes { get; }

    /// <summary>Null when there is no such route.</summary>
    public (DockerRoute Route, string Name)? Find(string method, string path)
    {
        if (_exact.TryGetValue((method, path), out var exact))
        {
            return (exact, "");
        }

        foreach (var route in _named[method])
        {
            if (route.Matches(path, out var name))
            {
                return (route, name);
            }
        }

        return null;
    }
}
