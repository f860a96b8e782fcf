using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Images;

/// <summary>What emptying the builders' caches took away.</summary>
public sealed record BuildCachePruned(IReadOnlyList<string> Deleted, long SpaceReclaimed);

/// <summary>Empties the builders' caches of all nodes on which the caller may.</summary>
public sealed class BuildCache(ImageNodes nodes, AccessGate gate, ImageCommands commands, AuditTrail audit)
{
    private static readonly AuditObject Target = new("build_cache", "", null);

    public async Task<Result<BuildCachePruned>> PruneAsync(Caller caller, bool all, CancellationToken cancellationToken)
    {
        if (await gate.RequireAnywhereAsync(caller, Permission.ImagesPrune, Target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var allowed = nodes.With(caller, Permission.ImagesPrune).Where(node => node.State == NodeState.Ready).ToList();
        var results = await Task.WhenAll(allowed.Select(node =>
            commands.RunAsync(node, (id, deadline) => new PruneBuildCache { Id = id, DeadlineMilliseconds = deadline, All = all }, CancellationToken.None)));
        var error = EngineAnswers.Together([.. results.Select(result => result.Error).OfType<Error>()]);
        var (deleted, space) = (new List<string>(), 0L);
        foreach (var answer in results.Where(result => result.IsSuccess).Select(result => result.Value).OfType<JsonElement>().Where(answer => answer.ValueKind == JsonValueKind.Object))
        {
            if (answer.TryGetProperty("CachesDeleted", out var list) && list.ValueKind == JsonValueKind.Array)
            {
                deleted.AddRange(list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!));
            }

            if (answer.TryGetProperty("SpaceReclaimed", out var bytes) && bytes.TryGetInt64(out var size))
            {
                space += size;
            }
        }

        await audit.RecordAsync(
            caller, Permission.ImagesPrune, Target, error is null ? AuditTrail.Ok : AuditTrail.Failed,
            $"on {(allowed.Count == 0 ? "no node" : string.Join(", ", allowed.Select(node => node.Name)))}{(error is null ? "" : "; " + error.Message)}",
            AuditDetails.Asked(new { All = all }), CancellationToken.None);
        return error is not null ? error : new BuildCachePruned(deleted, space);
    }
}
