using System.Collections.Concurrent;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Engine.Values;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers.Moving;

/// <summary>Registries that did not answer a pull a moment ago: nodes that hold an image of theirs rank before those that would have to pull.</summary>
public sealed class RegistryHealth(TimeProvider clock)
{
    /// <summary>Longer than it takes to retry a create by hand, shorter than an outage that anybody would wait for.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _silent = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A pull of the image failed because its registry did not answer.</summary>
    public void Silent(string image)
    {
        if (Host(image) is { } host)
        {
            _silent[host] = clock.GetUtcNow() + Remembered;
        }
    }

    /// <summary>A pull of the image succeeded.</summary>
    public void Answered(string image)
    {
        if (!_silent.IsEmpty && Host(image) is { } host)
        {
            _silent.TryRemove(host, out _);
        }
    }

    public bool IsSilent(string image) =>
        !_silent.IsEmpty && Host(image) is { } host && _silent.TryGetValue(host, out var until) && clock.GetUtcNow() < until;

    /// <summary>The request with the wish for a node that holds the image, when its registry is silent.</summary>
    public PlacementRequest Prefer(PlacementRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return IsSilent(request.Image) && Affinity.Parse($"image==~{ImageIndex.Normal(request.Image)}") is AffinityParse.Valid soft
            ? request with { Affinities = [.. request.Affinities, soft.Affinity] }
            : request;
    }

    private static string? Host(string image) => ImageReference.TryParse(image, out var reference, out _) ? reference.Domain : null;
}
