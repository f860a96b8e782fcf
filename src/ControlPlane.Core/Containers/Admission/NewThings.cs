using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>The steps that volumes, networks and builds have in common: collection, right, admission.</summary>
internal static class NewThings
{
    public static async Task<Result<string>> CheckAsync(
        CollectionChoice collections, AccessGate gate, AdmissionGate admissions, AdmissionCheck check, Caller caller, string permission, AuditObject target,
        string? named, IReadOnlyDictionary<string, string>? labels, IReadOnlyList<HostOption> options, AdmissionForm form, CancellationToken cancellationToken)
    {
        var collection = collections.For(caller, permission, named, labels, form);
        if (!collection.IsSuccess)
        {
            return await gate.RefuseAsync(caller, permission, target, collection.Error, cancellationToken);
        }

        if (await gate.RequireAsync(caller, permission, collection.Value, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var refusals = check.New(caller, collection.Value, labels, options);
        return await admissions.RefuseAsync(caller, permission, target, refusals, form, cancellationToken) is { } notAdmitted ? notAdmitted : collection.Value;
    }
}
