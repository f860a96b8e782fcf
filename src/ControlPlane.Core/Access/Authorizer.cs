using System.Diagnostics.CodeAnalysis;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Access;

/// <summary>
/// The one place that decides who may do what. For now administrators may everything and others nothing; the operations
/// already name their permission and the collection of what they touch, so that grants can be looked up here.
/// </summary>
public sealed class Authorizer
{
    /// <summary>Null when allowed.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "A service: grants become instance state.")]
    public Error? Check(Caller caller, string permission, string collection)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Kind == CallerKind.Anonymous)
        {
            return new UnauthenticatedError("auth.required", "Sign in or send an API token.");
        }

        return caller.IsAdministrator
            ? null
            : new ForbiddenError("access.denied", $"You need the right {permission} on {collection}.");
    }

    /// <summary>May the caller know that things of this collection exist? What they may not see answers as if it did not exist.</summary>
    public bool MaySee(Caller caller, string permission, string collection) => Check(caller, permission, collection) is null;
}
