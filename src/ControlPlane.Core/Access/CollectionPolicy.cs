using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Core.Access;

/// <summary>
/// What containers of a collection must and must not have, whoever makes them (administrators included). The strictest of a collection and
/// of those above it holds. Null = not asked.
/// </summary>
public sealed record CollectionPolicy
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Images may come from these registries only: host[:port] with optional path prefix; <c>docker.io</c> is the one without a host.</summary>
    public IReadOnlyList<string>? AllowedRegistries { get; init; }

    /// <summary>Every container states a memory limit.</summary>
    public bool? RequireMemoryLimit { get; init; }

    /// <summary>Every container states a CPU limit.</summary>
    public bool? RequireCpuLimit { get; init; }

    /// <summary>Every container states a limit of processes.</summary>
    public bool? RequirePidsLimit { get; init; }

    /// <summary>Bytes one container may ask for.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Billionths of a CPU one container may ask for.</summary>
    public long? MaxNanoCpus { get; init; }

    /// <summary>Options that nobody may use here: names of <c>host.*</c> rights.</summary>
    public IReadOnlyList<string>? ForbiddenOptions { get; init; }

    /// <summary>Images must be named by digest.</summary>
    public bool? RequireDigest { get; init; }

    /// <summary>Capabilities no container may have: neither added nor left as the engine gives them.</summary>
    public IReadOnlyList<string>? ForbiddenCapabilities { get; init; }

    /// <summary>Every container states a user by a number other than 0.</summary>
    public bool? RequireNonRoot { get; init; }

    /// <summary>The root file system of every container is read-only.</summary>
    public bool? RequireReadOnlyRootfs { get; init; }

    public static CollectionPolicy? Read(string json) => JsonSerializer.Deserialize<CollectionPolicy>(json, Json);

    public string Write() => JsonSerializer.Serialize(this, Json);
}
