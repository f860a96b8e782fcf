using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.SignIn.OpenId;

/// <summary>Reads a form as OAuth sends it: URL-encoded, small, few fields.</summary>
internal static class SmallForm
{
    private const int MaximumFields = 20;

    /// <summary>Null when it is not one, or is too large.</summary>
    public static async Task<Dictionary<string, StringValues>?> ReadAsync(HttpContext context, int maximumBytes)
    {
        var request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) || request.ContentLength > maximumBytes)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maximumBytes;
        }

        try
        {
            using var reader = new FormReader(request.Body) { ValueCountLimit = MaximumFields, KeyLengthLimit = 100, ValueLengthLimit = maximumBytes };
            return await reader.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception error) when (error is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }
}
