using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ControlPlane.Agent.Engine;
using ControlPlane.Engine.Values;

namespace ControlPlane.Agent.Tunnels;

/// <summary>What text of the server may look like before it becomes part of a path, a query or a header; null = good, else what is wrong.</summary>
internal static partial class RouteText
{
    public const int MostPath = 4096;

    private const int MostItems = 128;
    private const int MostSecret = 64 * 1024;

    /// <summary>The reference of an image, or the id of one.</summary>
    public static bool IsImage(string? reference) => ImageReference.IsImageId(reference) || ImageReference.TryParse(reference, out _, out _);

    /// <summary>A repository without tag or digest.</summary>
    public static bool IsRepository(string? name) => ImageReference.TryParse(name + ":x", out var parsed, out _) && parsed is { Tag: "x", Digest: null };

    public static string? Id(string? id) => EngineIds.IsFull(id) ? null : "The engine id must be 64 hex digits.";

    public static string? Image(string? reference) => IsImage(reference) ? null : "The image must be named by a reference or by its id.";

    public static string? Repository(string? name) => IsRepository(name) ? null : "The repository is not one.";

    public static string? Tag(string? tag) => tag is null || TagPattern().IsMatch(tag) ? null : "The tag is not one.";

    public static string? Platform(string? platform) => platform is null || PlatformPattern().IsMatch(platform) ? null : "The platform must be os/arch[/variant].";

    public static string? Volume(string? name) => name is not null && VolumePattern().IsMatch(name) ? null : "The volume's name may hold letters, digits, '_', '.' and '-' only.";

    public static string? Path(string? path) =>
        path is { Length: > 0 and <= MostPath } && !path.Contains('\0', StringComparison.Ordinal) ? null : $"The path must have 1 to {MostPath} characters and no NUL.";

    public static string? Text(string? text) => text is null || (text.Length <= MostPath && !text.Contains('\0', StringComparison.Ordinal))
        ? null
        : $"A text must have at most {MostPath} characters and no NUL.";

    public static string? Texts(IReadOnlyList<string>? texts) => texts is null || texts.Count > MostItems || texts.Any(text => text is null)
        ? $"At most {MostItems} texts are let through."
        : texts.Select(Text).FirstOrDefault(problem => problem is not null);

    public static string? Images(IReadOnlyList<string>? references) => references is not { Count: > 0 and <= MostItems }
        ? $"1 to {MostItems} images must be named."
        : references.Select(Image).FirstOrDefault(problem => problem is not null);

    public static string? DetachKeys(string? keys) => keys is null or "" || KeysPattern().IsMatch(keys) ? null : "The detach keys must be single characters or ctrl-…, separated by commas.";

    public static string? Arguments(string? arguments) => arguments is null or "" || PsPattern().IsMatch(arguments)
        ? null
        : "The arguments of ps may hold letters, digits, '-', ',', '=' and spaces only.";

    public static string? Size(int height, int width) =>
        height is >= 0 and <= ushort.MaxValue && width is >= 0 and <= ushort.MaxValue ? null : "A terminal has 0 to 65535 rows and columns.";

    /// <summary>Nanoseconds as the engine writes a moment: seconds with nine decimals.</summary>
    public static string UnixTime(long nano) => string.Create(CultureInfo.InvariantCulture, $"{nano / 1_000_000_000}.{nano % 1_000_000_000:D9}");

    public static string? Time(double? seconds) =>
        seconds is null or (>= 0 and < 1e12) ? null : "A time must be given in seconds since 1970.";

    /// <summary>Registry credentials: base64 of JSON in either alphabet.</summary>
    public static string? Secret(string? value) => value is null || (value.Length <= MostSecret && SecretPattern().IsMatch(value)) ? null : "The registry's credentials must be base64.";

    public static string? JsonObject(string? json)
    {
        try
        {
            using var document = json is null ? null : JsonDocument.Parse(json);
            return Text(json) ?? (document is null || document.RootElement.ValueKind == JsonValueKind.Object ? null : "The filters must be a JSON object.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return "The filters must be a JSON object.";
        }
    }

    public static string Flag(bool value) => value ? "1" : "0";

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Escape(string value) => Uri.EscapeDataString(value);

    /// <summary>A reference in a path: its slashes are the path's, as the docker client sends them.</summary>
    public static string InPath(string reference) => Uri.EscapeDataString(reference).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal)
        .Replace("%40", "@", StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"^[a-z0-9_-]{1,32}(/[a-z0-9_.-]{1,32}){0,2}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlatformPattern();

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VolumePattern();

    [GeneratedRegex(@"^(ctrl-[a-z@\[\\\]^_]|[!-+\--~])(,(ctrl-[a-z@\[\\\]^_]|[!-+\--~])){0,15}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeysPattern();

    [GeneratedRegex(@"^[A-Za-z0-9,= -]{1,200}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PsPattern();

    [GeneratedRegex(@"^[A-Za-z0-9+/_-]{1,65536}={0,2}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretPattern();
}
