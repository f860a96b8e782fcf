using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Images;

/// <summary>Pulls to all nodes that need the image, for somebody who watches: one stream of lines, one answer of the registry for all of them.</summary>
public sealed class ImagePulls(
    ImageNodes nodes,
    ClusterState state,
    AccessGate gate,
    ITunnels tunnels,
    NodeLinks links,
    Sightings sightings,
    RegistryHealth registries,
    AuditTrail audit,
    TimeProvider clock,
    IOptions<DeadlineOptions> deadlines)
{
    /// <summary>Null when there is an answer in <paramref name="output"/>, which may end with an error; else nothing was written.</summary>
    public async Task<Error?> PullAsync(Caller caller, ImagePullRequest request, LineSink output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parsed = Parse(request);
        if (!parsed.IsSuccess)
        {
            return parsed.Error;
        }

        var reference = parsed.Value;
        var target = new AuditObject("image", "", reference.ToString());
        var taking = nodes.Pulling(caller);
        if (!taking.IsSuccess)
        {
            return taking.Error is ForbiddenError ? await gate.RefuseAsync(caller, Permission.ImagesPull, target, taking.Error, cancellationToken) : taking.Error;
        }

        using var lines = new LineOutput(output);
        var run = new PullRun(new PullTools(state, tunnels, links, sightings, clock, deadlines.Value), lines, reference, request);
        return await WatchedWork.RunAsync(
            new WatchedWork(audit, caller, Permission.ImagesPull, target, AuditDetails.Asked(new { request.Platform }), () => Detail(run)),
            lines,
            async () =>
            {
                var error = await run.RunAsync(taking.Value, cancellationToken);
                if (run.Done.Count > 0)
                {
                    registries.Answered(reference.ToFullString());
                }

                return error;
            },
            cancellationToken);
    }

    private static Result<ImageReference> Parse(ImagePullRequest request)
    {
        if (request.Platform is not null && !PlacementRules.TryReadPlatform(request.Platform, out _))
        {
            return new InvalidError("platform", "must be 'os/architecture' or 'os/architecture/variant', such as 'linux/arm64'");
        }

        if (!ImageNames.TryJoin(request.Name, request.Tag, out var reference, out var problem))
        {
            return new InvalidError("fromImage", problem);
        }

        return reference.Digest is null && request.Tag is not { Length: > 0 } && request.Name.LastIndexOf(':') <= request.Name.LastIndexOf('/')
            ? new InvalidError("tag", "must be given: all tags of a repository at once are not pulled to a cluster")
            : reference;
    }

    private static string Detail(PullRun run) =>
        $"on {(run.Done.Count == 0 ? "no node" : string.Join(", ", run.Done))}{(run.Digest is null ? "" : $"; {run.Digest}")}";
}

/// <summary>What a pull works with.</summary>
internal sealed record PullTools(ClusterState State, ITunnels Tunnels, NodeLinks Links, Sightings Sightings, TimeProvider Clock, DeadlineOptions Deadlines);
