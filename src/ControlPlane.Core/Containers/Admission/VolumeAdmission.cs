using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Volumes;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>New volumes: the right to make them, and the right to mount the host for those that are a part of it in disguise.</summary>
public sealed class VolumeAdmission(CollectionChoice collections, AccessGate gate, AdmissionGate admissions, AdmissionCheck check)
{
    /// <summary>The collection it is made in.</summary>
    public async Task<Result<string>> CheckAsync(Caller caller, string? collection, VolumeSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return await NewThings.CheckAsync(
            collections, gate, admissions, check, caller, Permission.VolumesCreate, new AuditObject("volume", "", spec.Name), collection, spec.Labels,
            HostOptions.Of(spec), form, cancellationToken);
    }
}
