using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;

namespace ControlPlane.Web.Access;

/// <summary>The form of a collection with its policy.</summary>
public sealed class CollectionForm
{
    private const double MiB = 1024 * 1024;
    private const double Billion = 1_000_000_000;

    public string? Path { get; set; }

    public string? Description { get; set; }

    /// <summary>One a line; empty = any.</summary>
    public string? AllowedRegistries { get; set; }

    public bool RequireMemoryLimit { get; set; }

    public bool RequireCpuLimit { get; set; }

    public bool RequirePidsLimit { get; set; }

    public bool RequireDigest { get; set; }

    public bool RequireNonRoot { get; set; }

    public bool RequireReadOnlyRootfs { get; set; }

    /// <summary>Separated by blanks.</summary>
    public string? ForbiddenCapabilities { get; set; }

    public double? MaxMemoryMiB { get; set; }

    public double? MaxCpus { get; set; }

    public List<string> ForbiddenOptions { get; set; } = [];

    public long Revision { get; set; }

    public static CollectionForm From(CollectionView collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var policy = collection.Policy ?? new CollectionPolicy();
        return new CollectionForm
        {
            Path = collection.Path,
            Description = collection.Description,
            AllowedRegistries = string.Join('\n', policy.AllowedRegistries ?? []),
            RequireMemoryLimit = policy.RequireMemoryLimit == true,
            RequireCpuLimit = policy.RequireCpuLimit == true,
            RequirePidsLimit = policy.RequirePidsLimit == true,
            RequireDigest = policy.RequireDigest == true,
            RequireNonRoot = policy.RequireNonRoot == true,
            RequireReadOnlyRootfs = policy.RequireReadOnlyRootfs == true,
            ForbiddenCapabilities = string.Join(' ', policy.ForbiddenCapabilities ?? []),
            MaxMemoryMiB = policy.MaxMemoryBytes / MiB,
            MaxCpus = policy.MaxNanoCpus / Billion,
            ForbiddenOptions = [.. policy.ForbiddenOptions ?? []],
            Revision = collection.Revision,
        };
    }

    /// <summary>Null when nothing is asked. What the form does not show is kept from <paramref name="before"/>.</summary>
    public CollectionPolicy? ToPolicy(CollectionPolicy? before)
    {
        var registries = (AllowedRegistries ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var capabilities = (ForbiddenCapabilities ?? "").Split([' ', ',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var policy = (before ?? new CollectionPolicy()) with
        {
            AllowedRegistries = registries.Length > 0 ? registries : null,
            RequireMemoryLimit = RequireMemoryLimit ? true : null,
            RequireCpuLimit = RequireCpuLimit ? true : null,
            RequirePidsLimit = RequirePidsLimit ? true : null,
            RequireDigest = RequireDigest ? true : null,
            RequireNonRoot = RequireNonRoot ? true : null,
            RequireReadOnlyRootfs = RequireReadOnlyRootfs ? true : null,
            ForbiddenCapabilities = capabilities.Length > 0 ? capabilities : null,
            MaxMemoryBytes = MaxMemoryMiB is { } memory ? (long)(memory * MiB) : null,
            MaxNanoCpus = MaxCpus is { } cpus ? (long)(cpus * Billion) : null,
            ForbiddenOptions = ForbiddenOptions.Count > 0 ? ForbiddenOptions : null,
        };
        return policy == new CollectionPolicy() ? null : policy;
    }
}
