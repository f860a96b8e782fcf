namespace ControlPlane.Core.Identity;

/// <summary>Names of accounts, teams and roles: unique without regard to case.</summary>
public static class AccountName
{
    public const int MaximumLength = 64;
    public const string Shape = "must have 1 to 64 letters, digits, dots, dashes, underscores and at signs";

    public static string Fold(string? name) => (name ?? "").Trim().ToLowerInvariant();

    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= MaximumLength } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@');
}
