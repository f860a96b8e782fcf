using System.Text.Json;
using System.Text.RegularExpressions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>Says what is wrong with JSON in the client's words: the reader's own texts name our types.</summary>
internal static partial class JsonProblem
{
    public static InvalidError Describe(JsonException error)
    {
        var path = error.Path is { Length: > 2 } found && found.StartsWith("$.", StringComparison.Ordinal) ? found[2..] : error.Path ?? "$";
        var message = error.Message;
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            return new InvalidError(Within(path, Quoted(message)), "is not a known field");
        }

        if (message.StartsWith("Duplicate property", StringComparison.Ordinal))
        {
            return new InvalidError(Within(path, Quoted(message)), "is there twice");
        }

        if (message.Contains("was missing required properties", StringComparison.Ordinal))
        {
            var names = AllQuoted().Matches(message).Select(match => match.Groups["name"].Value).Where(name => !name.Contains('.', StringComparison.Ordinal)).ToList();
            return new InvalidError([.. names.Select(name => new FieldError(Within(path, name), "is required"))]);
        }

        if (message.Contains("doesn't allow null", StringComparison.Ordinal) || message.Contains("doesn't allow setting null", StringComparison.Ordinal))
        {
            return new InvalidError(path, "must not be null");
        }

        return message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal)
            ? new InvalidError(path, "has the wrong type or is out of range")
            : new InvalidError(path, $"is not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine}");
    }

    private static string Within(string path, string? name) =>
        name is null || path == name || path.EndsWith("." + name, StringComparison.Ordinal) ? path : path == "$" ? name : $"{path}.{name}";

    private static string? Quoted(string message) => AllQuoted().Match(message) is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex AllQuoted();
}
