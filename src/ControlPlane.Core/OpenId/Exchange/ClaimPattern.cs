namespace ControlPlane.Core.OpenId.Exchange;

/// <summary>A value with <c>*</c> for any characters, compared whole and with regard to case.</summary>
internal static class ClaimPattern
{
    public static bool Matches(string pattern, string text)
    {
        // Greedy with one step back: linear in practice, never more than length times length.
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
