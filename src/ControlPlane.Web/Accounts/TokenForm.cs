using ControlPlane.Core.Identity;

namespace ControlPlane.Web.Accounts;

/// <summary>The form of a new token.</summary>
public sealed class TokenForm
{
    public string? Name { get; set; }

    public int? ExpiresInDays { get; set; } = NewApiToken.DefaultDays;

    /// <summary>None chosen = all of the owner's.</summary>
    public List<string> Permissions { get; set; } = [];

    public string? Collection { get; set; }

    /// <summary>One a line, or with commas.</summary>
    public string? Networks { get; set; }

    public string? CurrentPassword { get; set; }

    internal NewApiToken ToNew()
    {
        var networks = (Networks ?? "").Split(['\n', ',', ' ', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new NewApiToken
        {
            Name = Name,
            ExpiresInDays = ExpiresInDays,
            Permissions = Permissions.Count == 0 ? null : Permissions,
            Collection = string.IsNullOrWhiteSpace(Collection) ? null : Collection.Trim(),
            Networks = networks.Length == 0 ? null : networks,
        };
    }
}
