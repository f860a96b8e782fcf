using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>Reads a JSON body whole and strictly; what is wrong is said with its path.</summary>
internal static class StrictBody
{
    public const int DefaultMaxBytes = 2 * 1024 * 1024;

    public static Task<Result<T>> ReadAsync<T>(HttpContext context, int maxBytes = DefaultMaxBytes) where T : class =>
        ReadAsync(context, (JsonTypeInfo<T>)RestJson.Strict.GetTypeInfo(typeof(T)), maxBytes);

    /// <param name="context">The request.</param>
    /// <param name="type">Of a context with strict options.</param>
    /// <param name="maxBytes">More is 413.</param>
    public static async Task<Result<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int maxBytes = DefaultMaxBytes) where T : class
    {
        if (!IsJson(context.Request.ContentType))
        {
            return new RequestError(StatusCodes.Status415UnsupportedMediaType, "request.content_type", "Send the body as application/json (UTF-8).");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxBytes;
        }

        var buffer = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(buffer.GetMemory(4096), context.RequestAborted);
            if (read == 0)
            {
                break;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > maxBytes)
            {
                return new RequestError(StatusCodes.Status413PayloadTooLarge, "request.too_large", $"The body is larger than {maxBytes} bytes.");
            }
        }

        return Parse(buffer.WrittenSpan, type);
    }

    public static Result<T> Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) where T : class
    {
        if (json.IsEmpty)
        {
            return new InvalidError("$", "The body is empty; a JSON object is needed.");
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) is { } value
                ? value
                : new InvalidError("$", "The body is null; a JSON object is needed.");
        }
        catch (JsonException error)
        {
            return JsonProblem.Describe(error);
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/merge-patch+json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
