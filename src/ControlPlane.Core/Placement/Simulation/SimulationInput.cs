using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>A simulation that was asked for, read and checked.</summary>
/// <param name="Creates">Admitted, in order.</param>
/// <param name="Changes">What is different.</param>
/// <param name="Explain">Every node with every reason for each placement.</param>
internal sealed record SimulationInput(IReadOnlyList<SimulationInput.Create> Creates, ClusterChanges Changes, bool Explain)
{
    public const int MostPlacements = 1000;

    /// <summary>An explanation names every node: 20 of them on 1,000 nodes are 20,000 rows.</summary>
    public const int MostExplained = 20;

    /// <param name="Index">In the request.</param>
    /// <param name="Name">As asked for, or null.</param>
    /// <param name="Placement">The question; its seed is replaced for each copy.</param>
    /// <param name="Count">How many copies.</param>
    internal sealed record Create(int Index, string? Name, PlacementRequest Placement, int Count)
    {
        public string? NameOf(int copy) => Name is null || Count == 1 ? Name : $"{Name}-{copy}";

        /// <summary>A seed of its own for each copy, the same each time: the same simulation gives the same answer.</summary>
        public PlacementRequest For(int copy) => Placement with { Seed = Mix(((ulong)(uint)Index << 32) | (uint)copy) };

        // SplitMix64's finaliser: neighbours in, strangers out.
        private static ulong Mix(ulong value)
        {
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }

    public static async Task<Result<SimulationInput>> ReadAsync(
        SimulationRequest request, Func<ContainerCreateRequest, Task<Result<ContainerPlan>>> plan, ClusterSnapshot cluster, VisibleNodes visible)
    {
        var errors = new List<FieldError>();
        var refusals = new List<FieldError>();
        var creates = new List<Create>();
        var asked = request.Requests ?? [];
        if (asked.Count > MostPlacements)
        {
            return new InvalidError("requests", $"At most {MostPlacements} placements in all.");
        }

        for (var i = 0; i < asked.Count; i++)
        {
            await ReadAsync(asked[i], i, plan, creates, errors, refusals);
        }

        var total = creates.Sum(create => (long)create.Count);
        if (total > MostPlacements)
        {
            errors.Add(new FieldError("requests", $"At most {MostPlacements} placements in all; these are {total}."));
        }

        if (request.Explain == true && total > MostExplained)
        {
            errors.Add(new FieldError("explain", $"At most {MostExplained} placements are explained in full; these are {total}."));
        }

        var changes = ClusterChanges.Read(request.Changes, cluster, visible, errors);
        if (errors.Count + refusals.Count == 0 && creates.Count == 0 && changes.IsEmpty)
        {
            errors.Add(new FieldError("requests", "Say what to place, what to change, or both."));
        }

        // Enough to correct the body by; a hostile one makes no large answer.
        return errors.Count == 0 && refusals.Count > 0 ? AdmissionErrors.Of(refusals.Count > 100 ? refusals[..100] : refusals)
            : errors.Count > 0 ? new InvalidError(errors.Count > 100 ? errors[..100] : errors)
            : new SimulationInput(creates, changes, request.Explain ?? total == 1);
    }

    private static async Task ReadAsync(
        SimulatedCreate? asked, int index, Func<ContainerCreateRequest, Task<Result<ContainerPlan>>> plan, List<Create> creates, List<FieldError> errors, List<FieldError> refusals)
    {
        var field = $"requests[{index}]";
        if (asked?.Request is not { } body)
        {
            errors.Add(new FieldError($"{field}.request", "is required"));
            return;
        }

        var count = asked.Count ?? 1;
        if (count is < 1 or > MostPlacements)
        {
            errors.Add(new FieldError($"{field}.count", $"must be 1 to {MostPlacements}"));
            count = 1;
        }

        var planned = await plan(body);
        if (planned.IsSuccess)
        {
            creates.Add(new Create(index, body.Name, planned.Value.Placement, count));
        }
        else if (ErrorFields.Of(planned.Error) is { Count: > 0 } fields)
        {
            (planned.Error is InvalidError ? errors : refusals).AddRange(fields.Select(error => error with { Field = $"{field}.request.{error.Field}" }));
        }
        else
        {
            errors.Add(new FieldError($"{field}.request", planned.Error.Message));
        }
    }
}
