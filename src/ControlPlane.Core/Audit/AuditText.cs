using System.Globalization;
using System.Text;

namespace ControlPlane.Core.Audit;

/// <summary>What comes from outside into the trail, and out of the trail before people.</summary>
public static class AuditText
{
    /// <summary>
    /// What every database can keep: no NUL (PostgreSQL refuses it), no half of a surrogate pair, at most <paramref name="max"/> characters.
    /// Everything else stays as it was sent: it is evidence.
    /// </summary>
    public static string Clean(string text, int max)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > max)
        {
            // Not between the halves of a pair.
            var end = char.IsHighSurrogate(text[max - 2]) ? max - 2 : max - 1;
            text = text[..end] + "…";
        }

        return IsClean(text) ? text : Replace(text);
    }

    /// <summary>
    /// For pages and tables: control characters, line separators and changes of direction are shown as <c>\u001b</c>; they act on no
    /// terminal, no spreadsheet and no reader.
    /// </summary>
    public static string Inert(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = 0;
        while (first < text.Length && !Acts(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var inert = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (var c in text.AsSpan(first))
        {
            if (Acts(c))
            {
                inert.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                inert.Append(c);
            }
        }

        return inert.ToString();
    }

    private static bool IsClean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !IsPair(text, ref i)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPair(string text, ref int i)
    {
        if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
        {
            return false;
        }

        i++;
        return true;
    }

    private static string Replace(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // Halves come as U+FFFD already.
            clean.Append((rune.Value == 0 ? Rune.ReplacementChar : rune).ToString());
        }

        return clean.ToString();
    }

    private static bool Acts(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff' or (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
