using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Changes of a container: limits, restart policy, name.</summary>
public static class ContainerUpdateAdmission
{
    /// <summary>
    /// The engine form of a change. Whether limit and reservation still agree with what the container has is for the caller, who
    /// knows it, to check again.
    /// </summary>
    public static Admitted<UpdateSpec> Admit(ContainerUpdateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var errors = new FieldErrors();
        errors.Require(
            request is not { MemoryBytes: null, MemoryReservationBytes: null, NanoCpus: null, PidsLimit: null, RestartPolicy: null },
            "$",
            "must change something");

        // The engine reads 0 as "unchanged", so a limit cannot be taken away by it.
        errors.Require(request.MemoryBytes != 0, "memoryBytes", "must not be 0: the engine cannot remove a limit");
        errors.Require(request.MemoryReservationBytes != 0, "memoryReservationBytes", "must not be 0: the engine cannot remove a reservation");
        errors.Require(request.NanoCpus != 0, "nanoCpus", "must not be 0: the engine cannot remove a limit");
        ResourceRules.Memory(errors, "", request.MemoryBytes, request.MemoryReservationBytes);
        ResourceRules.Cpus(errors, "nanoCpus", request.NanoCpus);
        ResourceRules.Pids(errors, "pidsLimit", request.PidsLimit);
        var spec = new UpdateSpec
        {
            Memory = request.MemoryBytes,

            // A new limit would stay below the old limit of memory and swap, which the engine refuses; twice the limit is its own default.
            MemorySwap = request.MemoryBytes is > 0 ? request.MemoryBytes * 2 : null,
            MemoryReservation = request.MemoryReservationBytes,
            NanoCpus = request.NanoCpus,
            PidsLimit = request.PidsLimit,
            RestartPolicy = ResourceRules.Restart(errors, request.RestartPolicy),
        };
        return errors.Result(() => spec);
    }

    /// <summary>The new name.</summary>
    public static Admitted<string> Admit(ContainerRenameRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var errors = new FieldErrors();
        if (errors.Require(request.Name is not null, "name", "is required"))
        {
            ContainerAdmission.Name(errors, request.Name);
        }

        return errors.Result(() => request.Name!);
    }
}
