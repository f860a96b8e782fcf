using ControlPlane.Core.Access;

namespace ControlPlane.Core.Containers.Admission.Policies;

/// <summary>The policies that hold in a collection: its own and those of the collections above it, the outermost first.</summary>
internal static class PolicyChain
{
    public static IReadOnlyList<(string Collection, CollectionPolicy Policy)> Of(AccessSnapshot access, string collection)
    {
        var chain = new List<(string, CollectionPolicy)>();
        for (var path = collection; path is not null; path = CollectionPath.Parent(path))
        {
            if (access.Collections.GetValueOrDefault(path)?.Policy is { } policy)
            {
                chain.Insert(0, (path, policy));
            }
        }

        return chain;
    }
}
