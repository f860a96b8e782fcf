using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ControlPlane.Api.DockerApi;

/// <summary>One request at the Docker door, with everything about it that has been checked.</summary>
internal sealed class DockerCall(HttpContext http, Caller caller, DockerVersion version, string name)
{
    /// <summary>Largest JSON body, in bytes.</summary>
    public const int LargestJson = StrictJson.DefaultMaxBytes;

    public const string Json = "application/json";
    public const string RawStream = "application/vnd.docker.raw-stream";
    public const string MultiplexedStream = "application/vnd.docker.multiplexed-stream";
    public const string Tar = "application/x-tar";

    public HttpContext Http => http;

    public Caller Caller => caller;

    /// <summary>The version the client speaks.</summary>
    public DockerVersion Version => version;

    /// <summary>What stands at the <c>{…}</c> of the route: a name, <c>node/name</c>, id or reference.</summary>
    public string Name => name;

    public DockerQuery Query { get; } = new(http.Request.Query);

    /// <summary>The client has gone, or its credential has ended.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>The body of the request; see <see cref="DockerRoute.MaxBody"/>.</summary>
    public Stream Body => http.Request.Body;

    public bool HasBody => http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    public T Service<T>()
        where T : notnull => http.RequestServices.GetRequiredService<T>();

    /// <summary>A header that clients may send once; null when it is not there.</summary>
    public Result<string?> Header(string header, int longest) => http.Request.Headers[header] switch
    {
        [] => (string?)null,
        [{ } one] when one.Length <= longest => one,
        _ => new InvalidError(header, $"may be sent once, with at most {longest} characters"),
    };

    /// <summary>Reads the body by the rules of <see cref="StrictJson"/>; errors have the engine's field names.</summary>
    public async Task<Result<T>> ReadAsync<T>(JsonTypeInfo<T> type)
        where T : class
    {
        Parsed<T> parsed;
        try
        {
            parsed = await StrictJson.ReadAsync(http.Request.Body, type, LargestJson, Aborted);
        }
        catch (IOException broken) when (broken is not BadHttpRequestException)
        {
            // Framing that no number holds: not the node's trouble, as other broken streams are.
            return new InvalidError("$", "The body cannot be read to its end.");
        }

        return parsed.IsValid ? parsed.Value : new InvalidError([.. parsed.Errors.Select(error => new FieldError(error.Path, error.Message))]);
    }

    /// <summary>An answer without a body.</summary>
    public Error? Status(int status)
    {
        http.Response.StatusCode = status;
        return null;
    }

    /// <summary>An answer in one piece, written straight into the connection's buffer.</summary>
    public Error? Write(int status, Action<Utf8JsonWriter> write)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = Json;
        using var buffer = new ArrayBufferLease();
        using (var json = new Utf8JsonWriter(buffer.Writer, JsonForm.Options))
        {
            write(json);
        }

        http.Response.ContentLength = buffer.Writer.WrittenCount;
        http.Response.BodyWriter.Write(buffer.Writer.WrittenSpan);
        return null;
    }

    /// <summary>An answer that is JSON already.</summary>
    public Error? WriteRaw(int status, ReadOnlySpan<byte> json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = Json;
        http.Response.ContentLength = json.Length;
        http.Response.BodyWriter.Write(json);
        return null;
    }

    /// <summary>Begins an answer that goes on for an unknown time: its head is on its way when this returns. Clients wait for the head before they act.</summary>
    public async Task<Stream> StreamAsync(int status, string contentType)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        Unhurried();
        await http.Response.StartAsync(Aborted);
        await http.Response.Body.FlushAsync(Aborted);
        return http.Response.Body;
    }

    /// <summary>Passes a body on as it comes.</summary>
    public async Task<Error?> StreamAsync(int status, string contentType, Stream body)
    {
        var to = await StreamAsync(status, contentType);
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, Aborted)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), Aborted);
                await to.FlushAsync(Aborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return null;
    }

    /// <summary>A stream follows the other side's pace, which may be none for hours.</summary>
    public void Unhurried()
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requests)
        {
            requests.MinDataRate = null;
        }

        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } answers)
        {
            answers.MinDataRate = null;
        }
    }
}
