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
        var error = authorizer.Check(caller, permission, collection);
        if (error is null)
        {
            return null;
        }

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
