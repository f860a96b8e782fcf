using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers;

/// <summary>What of a spec's dependencies binds it to certain nodes in the cluster as it is now.</summary>
internal static class DependencyResolution
{
    /// <summary>
    /// Leaves out volumes that exist nowhere (they will be made) and networks that reach over nodes. What else exists nowhere stays:
    /// no node has it, and the explanation says so.
    /// </summary>
    public static IReadOnlyList<Dependency> Now(IReadOnlyList<Dependency> dependencies, ClusterContents contents) => dependencies.Count == 0
        ? dependencies
        :
        [
            .. dependencies.Where(dependency => dependency.Kind switch
            {
                DependencyKind.Volume => contents.HasVolume(dependency.Name),
                DependencyKind.Network => !contents.HasSharedNetwork(dependency.Name),
                _ => true,
            }),
        ];

    /// <summary>For a new container: names the first dependency that exists nowhere, or that the caller may not know of.</summary>
    public static Error? Missing(IReadOnlyList<Dependency> dependencies, ClusterContents contents, Func<string, ContainerRecord?> find)
    {
        foreach (var dependency in dependencies)
        {
            switch (dependency.Kind)
            {
                case DependencyKind.Volume:
                    break;
                case DependencyKind.Network when !contents.HasSharedNetwork(dependency.Name) && !contents.HasLocalNetwork(dependency.Name):
                    return new ConflictError("dependency.not_found", $"There is no network {dependency.Name} on any node. Create it first.");
                case DependencyKind.VolumesFrom or DependencyKind.Link or DependencyKind.Namespace when find(dependency.Name) is null:
                    return new ConflictError("dependency.not_found", $"There is no container {dependency.Name} to {Purpose(dependency.Kind)}.");
            }
        }

        return null;
    }

    /// <summary>The spec with names instead of the cluster's ids of containers, which engines do not know.</summary>
    public static ContainerSpec ForEngine(ContainerSpec spec, IReadOnlyList<Dependency> dependencies, Func<string, ContainerRecord?> find)
    {
        foreach (var dependency in dependencies)
        {
            if (dependency.Kind is DependencyKind.VolumesFrom or DependencyKind.Link or DependencyKind.Namespace
                && find(dependency.Name) is { Managed: true } container && string.Equals(container.Id, dependency.Name, StringComparison.Ordinal))
            {
                spec = SpecDependencies.Renamed(spec, container.Id, container.Name);
            }
        }

        return spec;
    }

    /// <summary>Finds containers by name or full id that the caller may see; by look-ups only.</summary>
    public static Func<string, ContainerRecord?> Finder(Caller caller, ClusterState state, ContainerQueries queries) => nameOrId =>
    {
        var id = state.Write(writer => writer.Placement.FindByName(nameOrId)) ?? nameOrId;
        return state.Current.Container(id) is not null && queries.Find(caller, id) is { IsSuccess: true } found ? found.Value : null;
    };

    private static string Purpose(DependencyKind kind) => kind switch
    {
        DependencyKind.Link => "link to",
        DependencyKind.VolumesFrom => "take volumes from",
        _ => "share a namespace with",
    };
}
