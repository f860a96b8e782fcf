using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>What people see and say of rescheduling.</summary>
public sealed class ReschedulingControl(
    ReschedulingHold hold,
    ClusterState state,
    AccessGate gate,
    Authorizer authorizer,
    AuditTrail audit,
    IOptions<ReschedulingOptions> options,
    IOptions<NodeMonitorOptions> monitor)
{
    private static readonly AuditObject Target = new("rescheduling", "cluster");

    public Result<ReschedulingView> Get(Caller caller) =>
        authorizer.Check(caller, Permission.NodesRead, Collections.Root) is { } error ? error : View();

    /// <summary>The nodes that are away have failed indeed: their containers may be moved. Audited; lasts until a node is well again.</summary>
    public async Task<Result<ReschedulingView>> ConfirmAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (await gate.RequireAsync(caller, Permission.NodesUpdate, Collections.Root, Target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (Failed() is not { Held: true } failed)
        {
            return new ConflictError("rescheduling.not_held", "Nothing is held: there is nothing to confirm.");
        }

        var names = string.Join(", ", Names(failed));
        await audit.RecordAsync(caller, "rescheduling.confirm", Target, AuditTrail.Ok, $"failure confirmed: {(names.Length <= 900 ? names : names[..900])}", cancellationToken);
        hold.Confirm(failed.Together.Select(node => node.Id));
        return View();
    }

    private FailedNodes Failed() =>
        FailedNodes.Of(state.Current.Nodes.Values, hold.Confirmed, state.Write(writer => writer.Now), monitor.Value.DownAfter, options.Value.Hold);

    private ReschedulingView View()
    {
        var failed = Failed();
        var (moving, waiting) = hold.Counts;
        return new ReschedulingView { Held = failed.Held, HeldUntil = failed.HeldUntil, Nodes = Names(failed), Moving = moving, Waiting = waiting };
    }

    private static List<string> Names(FailedNodes failed) => [.. failed.Together.Select(node => node.Name).Order(StringComparer.Ordinal)];
}
