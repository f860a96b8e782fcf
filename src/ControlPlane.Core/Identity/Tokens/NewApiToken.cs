using System.Text.Json;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;

namespace ControlPlane.Core.Identity;

/// <summary>What a new token shall be.</summary>
public sealed record NewApiToken
{
    public const int DefaultDays = 90;
    public const int MaximumDays = 3650;
    private const int MaximumNameLength = 100;

    public required string? Name { get; init; }

    public int? ExpiresInDays { get; init; }

    /// <summary>Only these rights of its owner; null = all.</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    /// <summary>Only in this collection and below; null = everywhere.</summary>
    public string? Collection { get; init; }

    /// <summary>Only from these networks (CIDR) or addresses; null = from everywhere.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    internal int Days => ExpiresInDays ?? DefaultDays;

    internal string? PermissionsJson => Permissions is null ? null : JsonSerializer.Serialize(Permissions.Distinct(StringComparer.Ordinal));

    internal string? NetworksJson => Networks is null ? null : JsonSerializer.Serialize(Networks.Select(text => TokenNetworks.Read(text)!.Value.ToString()).Distinct(StringComparer.Ordinal));

    /// <summary>Everything that is wrong with it.</summary>
    /// <param name="isKnown">Is there such a collection, as far as whoever asks may know?</param>
    internal List<FieldError> Problems(Func<string, bool> isKnown)
    {
        var problems = new List<FieldError>();
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > MaximumNameLength || Name.Any(char.IsControl))
        {
            problems.Add(new FieldError("name", $"must have 1 to {MaximumNameLength} characters and no control characters"));
        }

        if (ExpiresInDays is < 1 or > MaximumDays)
        {
            problems.Add(new FieldError("expiresInDays", $"must be 1 to {MaximumDays}"));
        }

        if (Permissions is { Count: 0 })
        {
            problems.Add(new FieldError("permissions", "must name at least one right; leave it out for all of the owner's"));
        }

        foreach (var unknown in Permissions?.Where(name => !PermissionCatalog.Exists(name)).Take(10) ?? [])
        {
            problems.Add(new FieldError("permissions", $"'{(unknown.Length > 64 ? unknown[..64] + "…" : unknown)}' is no right"));
        }

        if (Collection is not null && !isKnown(Collection))
        {
            problems.Add(new FieldError("collection", "there is no such collection"));
        }

        if (Networks is { Count: 0 or > TokenNetworks.Maximum })
        {
            problems.Add(new FieldError("networks", $"must name 1 to {TokenNetworks.Maximum} networks; leave it out for everywhere"));
        }

        foreach (var unknown in Networks?.Where(text => TokenNetworks.Read(text) is null).Take(10) ?? [])
        {
            problems.Add(new FieldError("networks", $"'{(unknown.Length > 64 ? unknown[..64] + "…" : unknown)}' is neither an address nor a network like 10.0.0.0/8"));
        }

        return problems;
    }
}
