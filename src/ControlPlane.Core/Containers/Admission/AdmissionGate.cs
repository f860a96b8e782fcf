using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Answers refusals of admission, and leaves an audit entry that names every field and rule.</summary>
public sealed class AdmissionGate(AuditTrail audit)
{
    /// <summary>Null when nothing is refused.</summary>
    public async ValueTask<ForbiddenError?> RefuseAsync(
        Caller caller, string action, AuditObject target, IReadOnlyList<AdmissionRefusal> refusals, AdmissionForm form, CancellationToken cancellationToken)
    {
        if (AdmissionErrors.Of(refusals, form) is not { } error)
        {
            return null;
        }

        await audit.RecordAsync(caller, action, target, AuditTrail.Refused, AdmissionErrors.Detail(refusals), cancellationToken);
        return error;
    }
}
