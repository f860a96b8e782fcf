using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Images;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Builds: the right to build, and the rights to what of a build reaches the host. What a Dockerfile names is not looked at.</summary>
public sealed class BuildAdmission(CollectionChoice collections, AccessGate gate, AdmissionGate admissions, AdmissionCheck check)
{
    /// <summary>The collection whose rights and policies it is built under.</summary>
    public async Task<Result<string>> CheckAsync(Caller caller, string? collection, BuildSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var target = new AuditObject("image", "", spec.T is [var name, ..] ? name : null);
        return await NewThings.CheckAsync(
            collections, gate, admissions, check, caller, Permission.ImagesBuild, target, collection, spec.Labels, HostOptions.Of(spec), form, cancellationToken);
    }
}
