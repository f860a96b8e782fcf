using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;

namespace ControlPlane.Core.Identity;

/// <summary>What the texts of an account may be. An empty text takes one away.</summary>
internal static class UserFields
{
    private const int MaximumFullName = 200;
    private const int MaximumEmail = 254;

    public static void CheckFullName(string? text, List<FieldError> problems)
    {
        if (text is { Length: > MaximumFullName } || (text?.Any(char.IsControl) ?? false))
        {
            problems.Add(new FieldError("fullName", $"must have at most {MaximumFullName} characters and no control characters"));
        }
    }

    public static void CheckEmail(string? text, List<FieldError> problems)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        var at = text.LastIndexOf('@');
        if (text.Length > MaximumEmail || at < 1 || at == text.Length - 1 || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            problems.Add(new FieldError("email", $"must be an address like name@example.com of at most {MaximumEmail} characters"));
        }
    }

    public static void CheckCollection(string? path, AccessSnapshot access, List<FieldError> problems)
    {
        if (!string.IsNullOrEmpty(path) && !access.Collections.ContainsKey(path))
        {
            problems.Add(new FieldError("defaultCollection", "there is no such collection"));
        }
    }

    public static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
