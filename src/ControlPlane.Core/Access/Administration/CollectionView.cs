namespace ControlPlane.Core.Access.Administration;

/// <summary>A collection as people see it.</summary>
/// <param name="Path">E.g. <c>/prod/web</c>.</param>
/// <param name="Parent">The one above; null of the root.</param>
/// <param name="Description">What it is for.</param>
/// <param name="BuiltIn">Always there.</param>
/// <param name="Policy">What containers in it must and must not have.</param>
/// <param name="Nodes">How many nodes belong to it itself.</param>
/// <param name="Containers">How many containers belong to it itself.</param>
/// <param name="Grants">How many grants are given on it itself; null when the caller may not know.</param>
/// <param name="Revision">The ETag; 0 for one that was never changed.</param>
public sealed record CollectionView(
    string Path, string? Parent, string? Description, bool BuiltIn, CollectionPolicy? Policy, int Nodes, int Containers, int? Grants, long Revision);

/// <summary>A new collection.</summary>
public sealed record CollectionRequest(string Path, string? Description = null, CollectionPolicy? Policy = null);

/// <summary>The whole of a changed collection.</summary>
public sealed record CollectionChange(string? Description = null, CollectionPolicy? Policy = null);
