namespace ControlPlane.Core.Containers.Admission;

/// <summary>Rules for free text: what may be in it and how long it may be.</summary>
internal static class TextRules
{
    public const int MaxItems = 1000;

    // The kernel's limit for one argument or one variable (MAX_ARG_STRLEN, 32 pages).
    public const int MaxArgument = 128 * 1024 - 1;

    public const int MaxKey = 1024;
    public const int MaxPath = 4095;
    public const string TooMany = "must not have more than 1000 entries";

    private const string ReservedLabelPrefix = "controlplane.";

    /// <summary>A text that is a token of some kind: not empty, no control characters, no blanks, not longer than given.</summary>
    public static void Token(FieldErrors errors, string field, string? value, int longest)
    {
        if (value is not null)
        {
            errors.Require(
                value.Length > 0 && value.Length <= longest && IsText(value) && !value.Any(char.IsWhiteSpace),
                field,
                $"must have 1 to {longest} characters without blanks and control characters");
        }
    }

    /// <summary>Arguments of a process: the kernel ends each at a NUL, so there must be none.</summary>
    public static void Arguments(FieldErrors errors, string field, IReadOnlyList<string>? values)
    {
        if (values is null || !errors.Require(values.Count <= MaxItems, field, TooMany))
        {
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            errors.Require(IsArgument(values[i]), $"{field}[{i}]", "must be text without NUL of at most 131071 bytes");
        }
    }

    public static IReadOnlyList<string>? Environment(FieldErrors errors, IReadOnlyDictionary<string, string>? env)
    {
        if (env is null || !errors.Require(env.Count <= MaxItems, "env", TooMany))
        {
            return null;
        }

        var lines = new List<string>(env.Count);
        foreach (var (name, value) in env)
        {
            var field = FieldErrors.Key("env", name);
            errors.Require(name.Length > 0 && IsText(name) && !name.Contains('=', StringComparison.Ordinal), field, "must have a name without '=' and control characters");
            if (errors.Require(value is not null, field, "must not be null"))
            {
                errors.Require(IsMultiline(value!), field, "must have a value without control characters other than tab and line end");
                errors.Require(System.Text.Encoding.UTF8.GetByteCount(name) + 1 + System.Text.Encoding.UTF8.GetByteCount(value!) <= MaxArgument, field, "must not be longer than 131071 bytes with its name");
            }

            lines.Add(name + "=" + value);
        }

        return lines;
    }

    public static void Labels(FieldErrors errors, string field, IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null || !errors.Require(labels.Count <= MaxItems, field, TooMany))
        {
            return;
        }

        foreach (var (name, value) in labels)
        {
            var entry = FieldErrors.Key(field, name);
            errors.Require(name.Length is > 0 and <= MaxKey && IsText(name), entry, "must have a name of 1 to 1024 characters without control characters");
            errors.Require(!name.StartsWith(ReservedLabelPrefix, StringComparison.OrdinalIgnoreCase), entry, "is reserved: labels that begin with 'controlplane.' are made by the system");
            Value(errors, entry, value);
        }
    }

    /// <summary>Options of a driver: names are tokens, values are text.</summary>
    public static void Options(FieldErrors errors, string field, IReadOnlyDictionary<string, string>? options)
    {
        if (options is null || !errors.Require(options.Count <= MaxItems, field, TooMany))
        {
            return;
        }

        foreach (var (name, value) in options)
        {
            var entry = FieldErrors.Key(field, name);
            Token(errors, entry, name, MaxKey);
            Value(errors, entry, value);
        }
    }

    /// <summary>An absolute path without <c>..</c>, so that it means what it says.</summary>
    public static bool AbsolutePath(FieldErrors errors, string field, string path) => errors.Require(
        path.StartsWith('/') && path.Length <= MaxPath && IsText(path) && !path.Split('/').Contains(".."),
        field,
        "must be an absolute path without '..' and control characters");

    /// <summary>No control characters and no half of a surrogate pair.</summary>
    public static bool IsText(string value) => !value.Any(char.IsControl) && IsWellFormed(value);

    private static void Value(FieldErrors errors, string field, string? value)
    {
        if (errors.Require(value is not null, field, "must not be null"))
        {
            errors.Require(value!.Length <= MaxArgument && IsMultiline(value), field, "must have a value of at most 131071 characters without control characters other than tab and line end");
        }
    }

    private static bool IsMultiline(string value) => !value.Any(c => char.IsControl(c) && c is not ('\t' or '\n' or '\r')) && IsWellFormed(value);

    private static bool IsArgument(string? value) =>
        value is not null && !value.Contains('\0', StringComparison.Ordinal) && IsWellFormed(value)
        && System.Text.Encoding.UTF8.GetByteCount(value) <= MaxArgument;

    private static bool IsWellFormed(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(value[i]))
            {
                return false;
            }
        }

        return true;
    }
}
