using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ControlPlane.Engine.Json;

/// <summary>
/// Reads JSON so that no other parser can see something else in it than we do. Refused are: duplicate keys, keys the model
/// does not know (a different case or a Unicode look-alike is another key, although Go's decoder would take it), wrong types,
/// numbers that do not fit, ill-formed text, comments, trailing commas, trailing data, and what is too deep or too large.
/// <c>null</c> is accepted for every optional member, because that is what the docker CLI sends.
/// </summary>
/// <remarks>The whole document is checked before anything is built, so that all errors are reported at once.</remarks>
public static class StrictJson
{
    /// <summary>Deepest nesting accepted.</summary>
    public const int MaxDepth = 64;

    /// <summary>Largest document accepted unless the caller says otherwise: 1 MiB.</summary>
    public const int DefaultMaxBytes = 1 << 20;

    /// <summary>Errors reported at most; a document with more has been understood well enough to be refused.</summary>
    public const int MaxErrors = 100;

    /// <summary>Reads one document.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="type">Source-generated metadata of the model.</param>
    /// <param name="maxBytes">Largest document accepted.</param>
    public static Parsed<T> Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, int maxBytes = DefaultMaxBytes)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(type);
        if (json.Length > maxBytes)
        {
            return Refused<T>("$", TooLarge(maxBytes));
        }

        if (json.IsEmpty)
        {
            return Refused<T>("$", "must not be empty");
        }

        var errors = new ShapeCheck().Run(json, type);
        if (errors.Count > 0)
        {
            return new Parsed<T>(null, errors);
        }

        try
        {
            var value = JsonSerializer.Deserialize(json, type);
            return value is null ? Refused<T>("$", "must not be null") : new Parsed<T>(value, []);
        }
        catch (JsonException e)
        {
            // The shape check and the deserializer agree (tests); this is the second net.
            return Refused<T>(string.IsNullOrEmpty(e.Path) ? "$" : e.Path.StartsWith("$.", StringComparison.Ordinal) ? e.Path[2..] : e.Path, "cannot be read");
        }
    }

    /// <summary>Reads one document from a stream, never more than one byte beyond the limit.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="stream">UTF-8 text.</param>
    /// <param name="type">Source-generated metadata of the model.</param>
    /// <param name="maxBytes">Largest document accepted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Parsed<T>> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, int maxBytes, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > maxBytes)
            {
                return Refused<T>("$", TooLarge(maxBytes));
            }

            buffer.Write(chunk, 0, read);
        }

        return Read(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), type, maxBytes);
    }

    private static string TooLarge(int maxBytes) =>
        string.Create(CultureInfo.InvariantCulture, $"must not be larger than {maxBytes} bytes");

    private static Parsed<T> Refused<T>(string path, string message)
        where T : class => new(null, [new SpecError(path, message)]);
}
