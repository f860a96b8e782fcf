namespace ControlPlane.Engine.Values;

/// <summary>Host names and DNS aliases (RFC 1123, with the underscore that container names have).</summary>
public static class HostName
{
    /// <summary>Longest host name Linux takes (HOST_NAME_MAX is 64; the engine's limit is 63).</summary>
    public const int MaxHostNameLength = 63;

    /// <summary>Longest DNS name (RFC 1035).</summary>
    public const int MaxDnsLength = 253;

    /// <summary>True for a host name of a container.</summary>
    /// <param name="name">The text.</param>
    public static bool IsValid(string? name) => IsDnsName(name) && name!.Length <= MaxHostNameLength;

    /// <summary>True for labels of letters, digits, <c>-</c> and <c>_</c>, separated by dots, that begin and end with a letter or digit.</summary>
    /// <param name="name">The text.</param>
    public static bool IsDnsName(string? name) =>
        name is { Length: > 0 and <= MaxDnsLength } && name.Split('.').All(label =>
            label.Length is > 0 and <= 63
            && char.IsAsciiLetterOrDigit(label[0]) && char.IsAsciiLetterOrDigit(label[^1])
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
