using System.Text.Json;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using ControlPlane.Engine.Json;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>A container that could run on another node, with what moving it would cost.</summary>
/// <param name="Record">As it is.</param>
/// <param name="Request">What its placement was asked with.</param>
/// <param name="Load">What it takes where it is.</param>
internal sealed record MovableContainer(ContainerRecord Record, PlacementRequest Request, ContainerLoad Load)
{
    public bool Restarts => Record.State is "running" or "restarting" or "paused";

    /// <summary>The engine names them by 64 hex digits.</summary>
    public int AnonymousVolumes => Record.Observed?.Mounts.Count(mount => mount.Split(':') is ["volume", { Length: 64 } source, ..] && source.All(char.IsAsciiHexDigitLower)) ?? 0;

    /// <summary>Why a container stays where it is, in words; null when it could go.</summary>
    /// <param name="container">The container.</param>
    /// <param name="row">Its intent; null when there is none (any more).</param>
    /// <param name="request">What its placement was asked with, dependencies as they are now.</param>
    /// <param name="needed">Names and ids that other containers of its node depend on.</param>
    public static string? WhyNot(ContainerRecord container, ContainerEntity? row, PlacementRequest? request, IReadOnlySet<string> needed)
    {
        if (container.Intent is not { } intent)
        {
            return "made directly on its engine";
        }

        if (intent.Phase != ContainerPhase.Present || row is null || request is null)
        {
            return "being created or removed";
        }

        if (request.Dependencies.Any(dependency => dependency.Kind == DependencyKind.Volume))
        {
            return "uses a named volume of its node";
        }

        if (request.Dependencies.Any(dependency => dependency.Kind is DependencyKind.Link or DependencyKind.Namespace or DependencyKind.VolumesFrom))
        {
            return "depends on another container";
        }

        if (needed.Contains(intent.Name) || needed.Contains(container.Id) || (container.EngineId is { } engineId && needed.Contains(engineId)))
        {
            return "another container depends on it";
        }

        if (request.Constraints.Any(constraint => constraint is { Key: "node" or "node.id" or "node.name", IsNegated: false, IsSoft: false, IsExact: true }))
        {
            return "a constraint names its node";
        }

        return UsesHostFiles(row.SpecJson) ? "uses files of its host" : null;
    }

    /// <summary>What the containers of a node depend on, by name or id.</summary>
    public static HashSet<string> Needed(IEnumerable<ContainerEntity> rows) =>
        [.. rows.SelectMany(row => KeptRequest.Read(row.RequestJson).Dependencies).Where(dependency => dependency.Kind is not (DependencyKind.Network or DependencyKind.Volume)).Select(dependency => dependency.Name)];

    private static bool UsesHostFiles(string specJson) =>
        JsonSerializer.Deserialize(specJson, EngineJson.Default.ContainerSpec) is { HostConfig: { } host }
        && ((host.Binds ?? []).Any(bind => bind.StartsWith('/')) || (host.Mounts ?? []).Any(mount => mount.Type == "bind"));
}
