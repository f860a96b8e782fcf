using ControlPlane.Core.Access;
using ControlPlane.Core.Nodes;

namespace ControlPlane.Web.Objects;

/// <summary>Where networks and volumes can be made, for the forms that ask.</summary>
public sealed class ObjectPlaces(NodeSight nodes, AccessStore access, Authorizer authorizer)
{
    /// <summary>Names of the nodes that the caller sees.</summary>
    public IReadOnlyList<string> Nodes(Caller caller) => nodes.List(caller) is { IsSuccess: true } found ? [.. found.Value.Select(node => node.Name)] : [];

    /// <summary>Where the caller may make them; the default one first.</summary>
    public IReadOnlyList<string> Collections(Caller caller, string permission) =>
        [.. access.Current.Collections.Keys.Where(path => path is not ("/System" or "/Unmanaged") && authorizer.MaySee(caller, permission, path))
            .OrderByDescending(path => path == Core.Access.Collections.Shared).ThenBy(path => path, StringComparer.OrdinalIgnoreCase)];

    /// <summary>As <c>node/name</c> where a node was chosen.</summary>
    public static string? Full(string? node, string? name) => OrNull(name) is { } bare && OrNull(node) is { } on ? $"{on}/{bare}" : OrNull(name);

    /// <summary>Without white space around it; null when nothing is left.</summary>
    public static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
