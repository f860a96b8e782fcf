using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling;

/// <summary>The value side of an expression: a plain text, a glob or a <c>/regular expression/</c>, compiled once.</summary>
internal sealed class ValuePattern
{
    private const int MaxLength = 1024;

    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    // Matching is linear (NonBacktracking) and what is matched is bounded, so the answer does not depend on the clock. The time is
    // a last rail, far beyond a pause of a busy machine: with a short one the same question would be answered this way and that.
    private const int MaxMatchedLength = 4 * 1024;

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);

    private static readonly SearchValues<char> Plain = SearchValues.Create(Letters + ":-_ /");

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Letters + ":-_ \t\n\v\f\r.*/()?+[]\\^$|");

    private readonly Regex? _regex;

    private ValuePattern(string text, Regex? regex)
    {
        Text = text;
        _regex = regex;
    }

    public string Text { get; }

    /// <summary>True when it matches its own text and nothing else.</summary>
    public bool IsExact => _regex is null;

    public static bool TryCompile(
        string text, [NotNullWhen(true)] out ValuePattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        problem = text.Length switch
        {
            0 => "the value is empty",
            > MaxLength => "the value is longer than 1,024 characters",
            _ when text.AsSpan().IndexOfAnyExcept(Allowed) is var at and >= 0 => $"the value '{text}' contains '{text[at]}', which is not allowed",
            _ => null,
        };
        if (problem is not null)
        {
            return false;
        }

        var isRegex = text.Length > 2 && text[0] == '/' && text[^1] == '/';
        if (!isRegex && text.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            pattern = new ValuePattern(text, regex: null);
            return true;
        }

        // As in classic Swarm: a star is "anything", other regex signs of an unslashed value stay active.
        var source = isRegex ? text[1..^1] : $"^(?:{text.Replace("*", ".*", StringComparison.Ordinal)})\\z";
        try
        {
            pattern = new ValuePattern(
                text, new Regex(source, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline, MatchTimeout));
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            problem = exception is NotSupportedException
                ? $"the value '{text}' looks ahead, looks behind, refers back or is too complex, which is not supported"
                : $"the value '{text}' is not a valid pattern";
            return false;
        }
    }

    /// <summary>Says whether the whole value (a text, a glob) or a part of it (a slashed expression) matches.</summary>
    /// <exception cref="RegexMatchTimeoutException">The value is too long for a pattern.</exception>
    public bool IsMatch(string value)
    {
        if (_regex is null)
        {
            return string.Equals(Text, value, StringComparison.Ordinal);
        }

        return value.Length <= MaxMatchedLength ? _regex.IsMatch(value) : throw new RegexMatchTimeoutException(Text, Text, MatchTimeout);
    }
}
