using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Core.Images;

/// <summary>Patterns as the docker client's users know them, Go's <c>path.Match</c>: <c>*</c> and <c>?</c> do not match '/', classes <c>[a-z]</c>, <c>\</c> takes the next sign as it is.</summary>
internal sealed class PathGlob
{
    public const int Longest = 300;

    private readonly List<List<Part>> _segments;

    private PathGlob(List<List<Part>> segments) => _segments = segments;

    public static bool TryParse(string text, [NotNullWhen(true)] out PathGlob? glob)
    {
        glob = null;
        if (text.Length is 0 or > Longest)
        {
            return false;
        }

        var segments = new List<List<Part>> { new() };
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '/':
                    segments.Add([]);
                    break;
                case '*':
                    segments[^1].Add(Part.Star);
                    break;
                case '?':
                    segments[^1].Add(Part.Any);
                    break;
                case '[':
                    if (ReadClass(text, ref i) is not { } set)
                    {
                        return false;
                    }

                    segments[^1].Add(set);
                    break;
                case '\\' when ++i == text.Length:
                    return false;
                default:
                    segments[^1].Add(Part.Of(text[i]));
                    break;
            }
        }

        glob = new PathGlob(segments);
        return true;
    }

    public bool Matches(string text)
    {
        var parts = text.Split('/');
        if (parts.Length != _segments.Count)
        {
            return false;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            if (!Matches(_segments[i], parts[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Goes back to the last star only, which is enough: linear times the number of stars, never more.</summary>
    private static bool Matches(List<Part> pattern, string text)
    {
        int p = 0, t = 0, star = -1, from = 0;
        while (t < text.Length)
        {
            if (p < pattern.Count && pattern[p].IsStar)
            {
                (star, from) = (p++, t);
            }
            else if (p < pattern.Count && pattern[p].Takes(text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Count && pattern[p].IsStar)
        {
            p++;
        }

        return p == pattern.Count;
    }

    private static Part? ReadClass(string text, ref int i)
    {
        var not = i + 1 < text.Length && text[i + 1] == '^';
        i += not ? 2 : 1;
        var ranges = new List<(char From, char To)>();
        for (; i < text.Length; i++)
        {
            if (text[i] == ']' && ranges.Count > 0)
            {
                return new Part(isStar: false, not, ranges);
            }

            if (ReadSign(text, ref i) is not { } from)
            {
                return null;
            }

            var to = from;
            if (i + 2 < text.Length && text[i + 1] == '-')
            {
                i += 2;
                if (ReadSign(text, ref i) is not { } end)
                {
                    return null;
                }

                to = end;
            }

            ranges.Add((from, to));
        }

        return null;
    }

    private static char? ReadSign(string text, ref int i) => text[i] switch
    {
        '-' or ']' => null,
        '\\' => ++i < text.Length ? text[i] : null,
        var sign => sign,
    };

    private sealed class Part(bool isStar, bool not, List<(char From, char To)> ranges)
    {
        public static readonly Part Star = new(isStar: true, not: false, []);

        public static readonly Part Any = new(isStar: false, not: true, []);

        public bool IsStar => isStar;

        public static Part Of(char sign) => new(isStar: false, not: false, [(sign, sign)]);

        public bool Takes(char sign) => ranges.Exists(range => sign >= range.From && sign <= range.To) != not;
    }
}
