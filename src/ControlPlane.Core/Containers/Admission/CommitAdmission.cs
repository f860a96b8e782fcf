using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Images;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Images made of containers: of those one may commit, with nothing in them that only the system says.</summary>
public sealed class CommitAdmission(ContainerQueries queries, AccessGate gate, AdmissionGate admissions)
{
    /// <summary>The container an image may be made of.</summary>
    public async Task<Result<ContainerRecord>> CheckAsync(Caller caller, CommitSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = queries.Find(caller, spec.Container ?? "");
        if (!found.IsSuccess)
        {
            return found;
        }

        var container = found.Value;
        var target = new AuditObject("container", container.Id, container.Name);
        if (await gate.RequireAsync(caller, Permission.ContainersCommit, container.Collection, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (spec.Config is { HostConfig: not null } or { NetworkingConfig: not null })
        {
            return new InvalidError("Config", "must not have HostConfig or NetworkingConfig: an image has none");
        }

        var refusals = new List<AdmissionRefusal>();
        ReservedLabels.Check(refusals, "Config.Labels", spec.Config?.Labels, preset: false);
        foreach (var line in (spec.Changes ?? "").Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("LABEL", StringComparison.OrdinalIgnoreCase)))
        {
            if (ReservedLabels.Mentions(line))
            {
                refusals.Add(new AdmissionRefusal("Changes", "label.reserved", "sets a label that is made by the system."));
            }
        }

        return await admissions.RefuseAsync(caller, Permission.ContainersCommit, target, refusals, form, cancellationToken) is { } notAdmitted ? notAdmitted : container;
    }
}
