using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Access.Administration;

/// <summary>Shapes of the texts that people give to teams, roles and collections.</summary>
internal static class AccessTexts
{
    public const int MaximumName = 64;
    public const int MaximumDescription = 500;

    public static void CheckName(string? name, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaximumName || name != name.Trim() || name.Any(char.IsControl) || name.Contains('/', StringComparison.Ordinal))
        {
            errors.Add(new FieldError("name", $"must have 1 to {MaximumName} characters, no slash, no control characters and no blanks around it"));
        }
    }

    public static void CheckDescription(string? description, List<FieldError> errors)
    {
        if (description is { Length: > MaximumDescription } || description?.Any(c => char.IsControl(c) && c is not '\n') == true)
        {
            errors.Add(new FieldError("description", $"must have at most {MaximumDescription} characters and no control characters"));
        }
    }

    /// <summary>For texts that end up in the audit trail whatever they are.</summary>
    public static string Short(string? text) => text is { Length: > 100 } ? text[..100] : text ?? "";
}
