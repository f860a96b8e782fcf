using System.Text.RegularExpressions;

namespace ControlPlane.Core.Audit;

/// <summary>Finds secrets by the names of fields and by their shape in texts. Names decide; shapes are a second line.</summary>
internal static class SecretText
{
    public const string Mask = "***";

    private static readonly string[] Parts =
    [
        "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "authorization", "cookie", "bearer", "recoverycode",
    ];

    private static readonly HashSet<string> Whole = new(StringComparer.Ordinal)
    {
        "key", "keys", "pass", "auth", "pin", "otp", "totp", "salt", "registryauth", "xregistryauth",
    };

    /// <summary>Last words of names that tell something about a secret, not the secret: <c>tokenId</c>, <c>passwordChangedAt</c>.</summary>
    private static readonly HashSet<string> About = new(StringComparer.OrdinalIgnoreCase)
    {
        "id", "ids", "name", "names", "at", "days", "seconds", "count", "uses", "expires", "expiry", "length", "kind", "type", "enabled", "required", "endpoint", "policy",
    };

    private static readonly HashSet<string> EnvironmentNames = new(StringComparer.Ordinal) { "env", "envs", "environment", "environmentvariables", "buildargs" };

    // Linear in the text, whatever somebody sends.
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    private static readonly Regex InAddress = new(@"(?<before>://[^/\s:@]{0,200}:)[^@\s/]+@", Linear);
    private static readonly Regex OurTokens = new(@"\bcp[a-z]{1,2}_[0-9a-zA-Z]{4,}_[0-9a-zA-Z_]+", Linear);
    private static readonly Regex Scheme = new(@"\b(?<before>bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", Linear | RegexOptions.IgnoreCase);
    private static readonly Regex Pem = new(@"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(-----END [A-Z ]{0,40}-----)?", Linear);

    private static readonly Regex Assigned = new(
        @"(?<before>[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]*[""']?\s*[=:]\s*)(?<secret>""[^""]*""|'[^']*'|[^\s,;&""']+)",
        Linear | RegexOptions.IgnoreCase);

    /// <summary>Does a field of this name hold a secret?</summary>
    public static bool IsSecretName(string name)
    {
        var plain = Plain(name);
        return (Whole.Contains(plain) || (plain.EndsWith("key", StringComparison.Ordinal) && !plain.EndsWith("publickey", StringComparison.Ordinal))
            || plain.EndsWith("pass", StringComparison.Ordinal) || Array.Exists(Parts, part => plain.Contains(part, StringComparison.Ordinal)))
            && !About.Contains(LastWord(name));
    }

    /// <summary>Does a field of this name hold environment variables, whose values are all masked?</summary>
    public static bool IsEnvironmentName(string name) => EnvironmentNames.Contains(Plain(name));

    /// <summary>Takes out what looks like a secret: passwords in addresses, tokens, keys, <c>password=…</c>.</summary>
    public static string Scrub(string text)
    {
        // Nearly all texts are short names: none of the shapes can be in them.
        if (text.Length < 6 || text.AsSpan().IndexOfAny(":= _-") < 0)
        {
            return text;
        }

        text = InAddress.Replace(text, "${before}***@");
        text = OurTokens.Replace(text, Mask);
        text = Scheme.Replace(text, "${before} ***");
        text = Pem.Replace(text, Mask);
        return Assigned.Replace(text, "${before}***");
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    private static string LastWord(string name)
    {
        var start = name.Length;
        while (start > 0 && char.IsLetterOrDigit(name[start - 1])
            && !(start < name.Length && char.IsLower(name[start - 1]) && char.IsUpper(name[start])))
        {
            start--;
        }

        return name[start..];
    }
}
