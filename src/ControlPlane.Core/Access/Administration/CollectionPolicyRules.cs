using ControlPlane.Contracts.Rest;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Access.Administration;

/// <summary>What a policy may say.</summary>
internal static class CollectionPolicyRules
{
    private const int MaximumEntries = 100;
    private const int MaximumRegistry = 255;

    public static void Check(CollectionPolicy policy, List<FieldError> errors)
    {
        CheckRegistries(policy.AllowedRegistries, errors);
        foreach (var (option, index) in (policy.ForbiddenOptions ?? []).Select((option, index) => (option, index)))
        {
            if (option is null || !option.StartsWith("host.", StringComparison.Ordinal) || !PermissionCatalog.Exists(option))
            {
                errors.Add(new FieldError($"policy.forbiddenOptions[{index}]", "must be the name of a host.* right, e.g. host.privileged"));
            }
        }

        foreach (var (capability, index) in (policy.ForbiddenCapabilities ?? []).Select((capability, index) => (capability, index)))
        {
            if (!Capability.IsValid(capability) || capability.EndsWith("ALL", StringComparison.OrdinalIgnoreCase))
            {
                errors.Add(new FieldError($"policy.forbiddenCapabilities[{index}]", "must be one capability of Linux, e.g. NET_RAW"));
            }
        }

        if (policy.MaxMemoryBytes is <= 0)
        {
            errors.Add(new FieldError("policy.maxMemoryBytes", "must be more than 0"));
        }

        if (policy.MaxNanoCpus is <= 0)
        {
            errors.Add(new FieldError("policy.maxNanoCpus", "must be more than 0"));
        }
    }

    private static void CheckRegistries(IReadOnlyList<string>? registries, List<FieldError> errors)
    {
        if (registries is { Count: 0 or > MaximumEntries })
        {
            errors.Add(new FieldError("policy.allowedRegistries", $"must have 1 to {MaximumEntries} entries, or be left out"));
            return;
        }

        foreach (var (registry, index) in (registries ?? []).Select((registry, index) => (registry, index)))
        {
            if (registry is not { Length: > 0 and <= MaximumRegistry } || !char.IsAsciiLetterOrDigit(registry[0]) || registry.EndsWith('/')
                || !registry.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_' or ':' or '/'))
            {
                errors.Add(new FieldError($"policy.allowedRegistries[{index}]", "must be host[:port][/path] in lower case, e.g. docker.io/library or registry.example.org:5000"));
            }
        }
    }
}
