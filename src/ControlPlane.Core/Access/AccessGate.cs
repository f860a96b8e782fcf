using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Access;

/// <summary>
/// The first line of every operation that changes something: authorises, and leaves an audit entry when it refuses.
/// Reads use <see cref="Authorizer"/> directly.
/// </summary>
public sealed class AccessGate(Authorizer authorizer, AuditTrail audit, AnonymousRefusals anonymous)
{
    /// <summary>Null when allowed.</summary>
    public async ValueTask<Error?> RequireAsync(
        Caller caller, string permission, string collection, AuditObject target, CancellationToken cancellationToken)
    {
        return authorizer.Check(caller, permission, collection) is { } error
            ? await RefuseAsync(caller, permission, target, error, cancellationToken)
            : null;
    }

    /// <summary>The same for what has no collection yet: is there any collection on which the caller may?</summary>
    public async ValueTask<Error?> RequireAnywhereAsync(Caller caller, string permission, AuditObject target, CancellationToken cancellationToken) =>
        authorizer.CheckAnywhere(caller, permission) is { } error
            ? await RefuseAsync(caller, permission, target, error, cancellationToken)
            : null;

    /// <summary>For what everybody does with their own: null for whoever has signed in completely, or came by a token that is not limited.</summary>
    public static Error? RequireSignedIn(Caller caller) => Authorizer.CheckOwn(caller);

    /// <summary>Notes a refusal that was decided elsewhere, and gives it back.</summary>
    public async ValueTask<Error> RefuseAsync(Caller caller, string permission, AuditObject target, Error error, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(error);
        if (caller.Kind == CallerKind.Anonymous)
        {
            // Anybody can send these: one row a minute and kind, not one each.
            anonymous.Count(caller, permission);
        }
        else
        {
            await audit.RecordAsync(caller, permission, target, AuditTrail.Refused, error.Message, cancellationToken);
        }

        return error;
    }
}
