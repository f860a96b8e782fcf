using System.Security.Cryptography;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Placement;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Values;
using ControlPlane.Scheduling;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Images;

/// <summary>
/// Builds by the classic builder, on one node that is chosen like that of a container: by <c>constraint:…</c> and <c>affinity:…</c> among the
/// build arguments, and by its memory, which counts as reserved while it builds. The image is on that node only.
/// </summary>
public sealed class ImageBuilds(
    BuildAdmission admission, AdmissionCheck check, ImageNodes nodes, Authorizer authorizer, ClusterState state, AccessGate gate, ITunnels tunnels, Sightings sightings, AuditTrail audit,
    TimeProvider clock, IOptions<DeadlineOptions> deadlines)
{
    /// <summary>How to build what is not built here.</summary>
    public const string ClassicOnly =
        "Only the classic builder builds on the cluster: DOCKER_BUILDKIT=0 docker build …. With BuildKit, build with a builder of your own (docker buildx build --push) and pull the image.";

    private const int MostNames = 100;

    /// <summary>Null when there is an answer in <paramref name="output"/>, which may end with an error; else nothing was written.</summary>
    public async Task<Error?> BuildAsync(Caller caller, BuildRequest request, Stream context, LineSink output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var read = Read(request.Spec);
        if (!read.IsSuccess)
        {
            return read.Error;
        }

        var (spec, placement) = read.Value;
        var target = new AuditObject("image", "", spec.T is [var name, ..] ? name : null);
        var admitted = await AdmitAsync(caller, spec, target, cancellationToken);
        if (!admitted.IsSuccess)
        {
            return admitted.Error;
        }

        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var reserved = Reserve(caller, key, placement with { AllowedNodes = admitted.Value.Select(node => new NodeId(node.Id)).ToHashSet() });
        if (!reserved.IsSuccess)
        {
            await audit.RecordAsync(caller, Permission.ImagesBuild, target, AuditTrail.Failed, reserved.Error.Message, CancellationToken.None);
            return reserved.Error;
        }

        try
        {
            return await OnAsync(caller, reserved.Value, spec, request, context, target, output, cancellationToken);
        }
        finally
        {
            state.Write(writer => writer.Placement.Release("build-" + key));
        }
    }

    /// <summary>What the engine is asked, and what the scheduler is.</summary>
    private Result<(BuildSpec Spec, PlacementRequest Placement)> Read(BuildSpec spec)
    {
        if (spec.Version is not (null or "" or "1") || !string.IsNullOrEmpty(spec.Outputs))
        {
            return new InvalidError(string.IsNullOrEmpty(spec.Outputs) ? "version" : "outputs", ClassicOnly);
        }

        if (!string.IsNullOrEmpty(spec.Remote))
        {
            return new InvalidError("remote", "must not be given: the engine would fetch the context itself, from anywhere. Send the context.");
        }

        var errors = new FieldErrors();
        errors.Require(spec.T is null || spec.T.Count <= MostNames, "t", $"must not be more than {MostNames} names");
        foreach (var name in (spec.T ?? []).Take(MostNames))
        {
            if (!ImageReference.TryParse(name, out var reference, out var problem))
            {
                errors.Add("t", problem);
            }
            else
            {
                errors.Require(reference.Digest is null, "t", "must not have a digest");
            }
        }

        errors.Require(spec.Memory is null or (>= -1 and <= NodeCapacity.MaxQuantity), "memory", "must be a number of bytes");
        Platform? platform = null;
        errors.Require(string.IsNullOrEmpty(spec.Platform) || PlacementRules.TryReadPlatform(spec.Platform, out platform), "platform", "must be 'os/architecture' or 'os/architecture/variant', such as 'linux/arm64'");

        // As classic Swarm: "--build-arg constraint:zone==a" arrives as the argument "constraint:zone" with the value "=a".
        var expressions = SwarmExpressions.Read(errors, spec.BuildArgs is null ? null : [.. spec.BuildArgs.Select(argument => $"{argument.Key}={argument.Value}")], null);
        var checkedErrors = errors.Result(() => spec);
        if (!checkedErrors.IsValid)
        {
            return new InvalidError([.. checkedErrors.Errors.Select(error => error.Field.StartsWith("env[", StringComparison.Ordinal) ? new FieldError("buildargs" + error.Field["env".Length..], error.Message) : error)]);
        }

        var left = expressions.Environment is null ? null : new HashSet<string>(expressions.Environment, StringComparer.Ordinal);
        var built = spec with
        {
            BuildArgs = left is null ? null : spec.BuildArgs!.Where(argument => left.Contains($"{argument.Key}={argument.Value}")).ToDictionary(StringComparer.Ordinal),
        };
        return (built, new PlacementRequest
        {
            MemoryBytes = Math.Max(0, spec.Memory ?? 0),
            Constraints = [.. expressions.Constraints.Select(Constraint.Parse).OfType<ConstraintParse.Valid>().Select(valid => valid.Constraint)],
            Affinities = [.. expressions.Affinities.Select(Affinity.Parse).OfType<AffinityParse.Valid>().Select(valid => valid.Affinity)],
            Platform = platform,
            Strategy = state.Current.Scheduling.Strategy,
            Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
        });
    }

    /// <summary>The nodes it may be built on: an image belongs to the collection of its node, so rights and policies are those of each.</summary>
    private async Task<Result<IReadOnlyList<NodeRecord>>> AdmitAsync(Caller caller, BuildSpec spec, AuditObject target, CancellationToken cancellationToken)
    {
        var allowed = nodes.With(caller, Permission.NodesSchedule, Permission.ImagesBuild);
        if (allowed.Count == 0)
        {
            return await gate.RefuseAsync(caller, Permission.ImagesBuild, target, ImageNodes.Denied(Permission.ImagesBuild, Permission.NodesSchedule), cancellationToken);
        }

        if (spec.Labels?.ContainsKey(ReservedLabels.Access) == true)
        {
            var named = await admission.CheckAsync(caller, null, spec, AdmissionForm.Engine, cancellationToken);
            return named.IsSuccess ? Result.Of(allowed) : named.Error;
        }

        var options = HostOptions.Of(spec);
        var collections = allowed.Select(node => node.Collection).Distinct(StringComparer.Ordinal).ToList();
        var admitted = collections.Where(collection => check.New(caller, collection, spec.Labels, options).Count == 0).ToHashSet(StringComparer.Ordinal);
        if (admitted.Count == 0)
        {
            // Once more, for the answer and the audit.
            var refused = await admission.CheckAsync(caller, collections[0], spec, AdmissionForm.Engine, cancellationToken);
            if (!refused.IsSuccess)
            {
                return refused.Error;
            }

            admitted.Add(refused.Value);
        }

        return allowed.Where(node => admitted.Contains(node.Collection)).ToList();
    }

    private Result<NodeRecord> Reserve(Caller caller, string key, PlacementRequest request) => state.Write<Result<NodeRecord>>(writer =>
        writer.Placement.DecideAndReserve("build-" + key, "build-" + key, request) switch
        {
            ReserveResult.Reserved reserved => Result.Of(writer.Node(reserved.Decision.Node.Value)!),
            ReserveResult.Unplaceable refusal => new PlacementError(
                refusal.Decision.Text,
                PlacementViews.Full(writer.Placement.Explain(request), request.Strategy, state.Current, writer.Now, visible: new VisibleNodes(authorizer, caller, state.Current))),
            _ => throw new InvalidOperationException("unexpected outcome of a reservation"),
        });

    private async Task<Error?> OnAsync(
        Caller caller, NodeRecord node, BuildSpec spec, BuildRequest request, Stream context, AuditObject target, LineSink output, CancellationToken cancellationToken)
    {
        using var lines = new LineOutput(output);
        string? image = null;
        var audited = new WatchedWork(
            audit, caller, Permission.ImagesBuild, target,
            AuditDetails.Asked(new { spec.T, spec.Dockerfile, spec.Target, spec.NetworkMode, spec.Platform, spec.Memory, Arguments = spec.BuildArgs?.Keys, spec.Labels }),
            () => $"on {node.Name}{(image is null ? "" : $"; {image}")}");
        return await WatchedWork.RunAsync(
            audited,
            lines,
            async () =>
            {
                var begun = await EngineStream.BeginAsync(
                    tunnels, node.Id, node.Name, new BuildImage(BuildQuery.Write(spec, request.BareArguments)) { RegistryConfig = request.RegistryConfig },
                    TimeSpan.FromSeconds(deadlines.Value.BuildIdleSeconds), TimeSpan.FromSeconds(deadlines.Value.ImageSendSeconds), clock, cancellationToken);
                if (!begun.IsSuccess)
                {
                    return begun.Error;
                }

                await using var stream = begun.Value;
                var said = spec.Q == true;
                var ends = await FanOut.RunAsync(
                    [stream],
                    context,
                    async (_, line, token) =>
                    {
                        if (!said)
                        {
                            // Lines of a build are read by programs: they pass unchanged. Where it happens is said once, before them.
                            said = true;
                            await lines.WriteAsync(EngineLine.Of(("stream", $"Building on {node.Name}\n")), token);
                        }

                        // A quiet build says the id only, as text.
                        image = line.AuxId ?? (spec.Q == true && line.Stream?.Trim() is { } id && ImageReference.IsImageId(id) ? id : image);
                        await lines.WriteAsync(line, token);
                    },
                    cancellationToken);
                if (ends[0] is null && image is not null)
                {
                    // With its names: what comes from the cache altogether was there before, without them.
                    var names = (spec.T ?? []).Select(name => ImageReference.TryParse(name, out var reference, out _) ? ImageNames.Reported(reference) : name).ToList();
                    await sightings.WaitAsync(node.Id, held => held.Id == image && names.TrueForAll(held.Tags.Contains), cancellationToken);
                }

                return ends[0];
            },
            cancellationToken);
    }
}
