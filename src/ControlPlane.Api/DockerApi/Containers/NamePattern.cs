using System.Text.RegularExpressions;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>
/// The filter <c>name</c>: as on an engine each value is a regular expression that is found anywhere in a name, with or without the slash before it,
/// and here also in <c>/node/name</c>.
/// </summary>
internal sealed class NamePattern
{
    private const int Longest = 256;
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    // Matching is linear, and names are short: the time is a last rail.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly Regex _any;

    private NamePattern(Regex any) => _any = any;

    /// <summary>Refuses what is too long, not a regular expression, or one that cannot be matched in linear time (looking around, referring back).</summary>
    public static Result<NamePattern> Of(IReadOnlyList<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length > Longest)
            {
                return new InvalidError("filters", $"invalid filter 'name': a pattern has at most {Longest} characters");
            }

            if (Read(text) is null)
            {
                return Refuse(text);
            }
        }

        // One expression, so that a long list of names costs what one does.
        var all = string.Join('|', texts.Select(text => $"(?:{text})"));
        return Read(all) is { } any ? new NamePattern(any) : Refuse(all);
    }

    /// <param name="path">As <c>/node/name</c>.</param>
    /// <param name="name">Of the container.</param>
    public bool Matches(string path, string name)
    {
        // The end of the path is "/name".
        var slashed = path.AsSpan(path.Length - name.Length - 1);
        return _any.IsMatch(slashed[1..]) || _any.IsMatch(slashed) || _any.IsMatch(path) || _any.IsMatch(path.AsSpan(1));
    }

    private static InvalidError Refuse(string text) =>
        new("filters", $"invalid filter 'name={text}'; it must be a regular expression without look-around and back references");

    private static Regex? Read(string text)
    {
        try
        {
            return new Regex(text, Linear, Deadline);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
