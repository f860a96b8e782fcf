using System.Linq.Expressions;
using System.Text.Json;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Identity;

/// <summary>A token as people see it; the secret is shown once, by <see cref="CreatedApiToken"/>.</summary>
public sealed record ApiTokenView(string Id, string Name, DateTime CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt)
{
    public string? LastUsedAddress { get; init; }

    /// <summary>What it is limited to; null = all of its owner's rights.</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    public string? Collection { get; init; }

    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>Whose; set in lists over all users.</summary>
    public string? UserId { get; init; }

    public string? UserName { get; init; }

    internal static readonly Expression<Func<ApiTokenEntity, ApiTokenView>> FromRow = token =>
        new ApiTokenView(token.Id, token.Name, token.CreatedAt, token.ExpiresAt, token.LastUsedAt)
        {
            LastUsedAddress = token.LastUsedAddress,
            Permissions = Names(token.PermissionsJson),
            Collection = token.Collection,
            Networks = Names(token.NetworksJson),
            UserId = token.UserId,
        };

    internal static IReadOnlyList<string>? Names(string? json) => json is null ? null : JsonSerializer.Deserialize<string[]>(json);
}

/// <summary>The only time the secret leaves the server.</summary>
public sealed record CreatedApiToken(string Id, string Name, DateTime CreatedAt, DateTime? ExpiresAt, string Token)
{
    public override string ToString() => $"CreatedApiToken {Id}";
}
