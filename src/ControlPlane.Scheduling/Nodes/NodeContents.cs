using System.Collections.Frozen;

namespace ControlPlane.Scheduling;

/// <summary>What is on a node besides containers. Immutable.</summary>
/// <param name="Images">For every image its id, its <c>repository:tag</c>s and its bare repositories.</param>
/// <param name="Networks">Names and ids of networks that exist on this node only, those every engine has (bridge, host, none) left out.</param>
/// <param name="Volumes">Names of volumes that exist on this node only (driver <c>local</c>).</param>
public sealed record NodeContents(IReadOnlySet<string> Images, IReadOnlySet<string> Networks, IReadOnlySet<string> Volumes)
{
    /// <summary>Nothing.</summary>
    public static readonly NodeContents None = new(FrozenSet<string>.Empty, FrozenSet<string>.Empty, FrozenSet<string>.Empty);
}
