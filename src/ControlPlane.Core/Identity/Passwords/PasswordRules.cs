namespace ControlPlane.Core.Identity;

/// <summary>What a new password must be: long enough and not one that is guessed first; nothing about kinds of characters (ASVS 5, chapter 6.2).</summary>
public static class PasswordRules
{
    public const int MinimumLength = 8;
    public const int MaximumLength = 128;

    // Words that come with the product: guessed before any list.
    private static readonly string[] OwnWords = ["controlplane", "password", "docker", "administrator"];

    // As fingers walk over keyboards; both directions are tried.
    private static readonly string[] Runs =
        ["abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6z7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p"];

    /// <summary>Null when the text may be a new password of this account. Characters are code points.</summary>
    public static string? Problem(string? password, string accountName)
    {
        ArgumentNullException.ThrowIfNull(accountName);
        if (password is null || password.Contains('\0', StringComparison.Ordinal) || string.IsNullOrWhiteSpace(password))
        {
            return "must not be empty, blank or contain NUL";
        }

        // Far too long is not even counted.
        var length = password.Length > 4 * MaximumLength ? int.MaxValue : password.EnumerateRunes().Count();
        return length switch
        {
            < MinimumLength => $"must have at least {MinimumLength} characters",
            > MaximumLength => $"must have at most {MaximumLength} characters",
            _ when accountName.Length >= 3 && password.Contains(accountName, StringComparison.OrdinalIgnoreCase) => "must not contain the account's name",
            _ when IsGuessedFirst(password) => "is one of the passwords that are guessed first",
            _ => null,
        };
    }

    private static bool IsGuessedFirst(string password)
    {
        if (CommonPasswords.Contains(password))
        {
            return true;
        }

        // A known word with a year, digits or signs around it is the same word.
        var text = password.ToLowerInvariant();
        var core = text.Trim([.. text.Where(c => char.IsAscii(c) && !char.IsLetter(c)).Distinct()]);
        return IsDate(text) || Array.Exists(OwnWords, word => word == core) || IsRepeated(text) || IsRun(text);
    }

    // Birthdays and the like: a few million of them, tried in no time.
    private static bool IsDate(string text) => text.Length <= 10 && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or '/');

    /// <summary><c>aaaaaaaa</c>, <c>abcabcabc</c>: a short text again and again.</summary>
    private static bool IsRepeated(string text)
    {
        for (var period = 1; period <= Math.Min(4, text.Length / 2); period++)
        {
            var repeats = true;
            for (var at = period; at < text.Length && repeats; at++)
            {
                repeats = text[at] == text[at - period];
            }

            if (repeats)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsRun(string text) => Array.Exists(Runs, run => IsWithin(text, run) || IsWithin(text, string.Concat(run.Reverse())));

    // Walking on from the end to the start counts as the same run.
    private static bool IsWithin(string text, string run) => text.Length <= 2 * run.Length && (run + run).Contains(text, StringComparison.Ordinal);
}
