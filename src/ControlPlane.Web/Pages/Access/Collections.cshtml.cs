using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequireSignIn("Core decides who may see collections.")]
public sealed class CollectionsModel(CollectionService collections, Authorizer authorizer) : DashboardPage
{
    public IReadOnlyList<CollectionView> Collections { get; private set; } = [];

    public bool MayCreate => authorizer.CheckAnywhere(Caller, Permission.CollectionsCreate) is null;

    public static int Depth(string path) => path == "/" ? 0 : path.Count(c => c == '/');

    /// <summary>A policy in a few words.</summary>
    public static string Words(CollectionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        string?[] parts =
        [
            policy.AllowedRegistries is { Count: > 0 } registries ? $"images from {string.Join(", ", registries)}" : null,
            policy.RequireDigest == true ? "by digest" : null,
            policy.RequireMemoryLimit == true ? "memory limit" : null,
            policy.RequireCpuLimit == true ? "CPU limit" : null,
            policy.RequirePidsLimit == true ? "process limit" : null,
            policy.RequireNonRoot == true ? "not as root" : null,
            policy.RequireReadOnlyRootfs == true ? "read-only root" : null,
            policy.ForbiddenCapabilities is { Count: > 0 } capabilities ? $"never {string.Join(", ", capabilities)}" : null,
            policy.MaxMemoryBytes is { } memory ? $"at most {Quantity.Bytes(memory)}" : null,
            policy.MaxNanoCpus is { } cpus ? $"at most {Quantity.Number(cpus / 1e9)} CPUs" : null,
            policy.ForbiddenOptions is { Count: > 0 } options ? $"no {string.Join(", ", options)}" : null,
        ];
        return string.Join("; ", parts.Where(part => part is not null));
    }

    public IActionResult OnGet()
    {
        var found = collections.List(Caller);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Collections = found.Value;
        return Page();
    }
}
