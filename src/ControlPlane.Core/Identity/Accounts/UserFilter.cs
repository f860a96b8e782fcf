using ControlPlane.Core.Lists;

namespace ControlPlane.Core.Identity;

/// <summary>Which accounts a list shows; empty lists mean all.</summary>
public sealed record UserFilter
{
    public static readonly IReadOnlyList<string> SortKeys = ["name", "created", "lastSignIn"];

    public ListRequest List { get; init; } = new();

    /// <summary><c>person</c>, <c>service</c>.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary><c>local</c>, <c>ldap</c>, <c>oidc</c>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary><c>active</c>, <c>disabled</c>.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary><c>true</c>, <c>false</c>.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];
}
