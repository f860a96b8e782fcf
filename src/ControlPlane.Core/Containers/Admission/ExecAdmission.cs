using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>
/// Commands in containers: the right to exec, and one more for those that run as root or privileged. A command without a user runs as the
/// container's; a container without a user runs as its image's, which is not known here and so counts as root.
/// </summary>
public sealed class ExecAdmission(ContainerQueries queries, AccessGate gate, AdmissionGate admissions, AdmissionCheck check, SharedContainers specs)
{
    /// <summary>The container the command may run in.</summary>
    public async Task<Result<ContainerRecord>> CheckAsync(Caller caller, string idOrName, ExecSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found;
        }

        var container = found.Value;
        var target = new AuditObject("container", container.Id, container.Name);
        if (await gate.RequireAsync(caller, Permission.ContainersExec, container.Collection, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var ownUser = container.Managed ? (await specs.SpecOfAsync(container.Id, cancellationToken))?.User : null;
        var refusals = check.Exec(caller, container.Collection, HostOptions.Of(spec, ownUser));
        return await admissions.RefuseAsync(caller, Permission.ContainersExec, target, refusals, form, cancellationToken) is { } notAdmitted ? notAdmitted : container;
    }
}
