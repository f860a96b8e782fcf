using System.Text;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi;

/// <summary>Errors in the engine's shape: a status of the engine's and <c>{"message": …}</c>.</summary>
internal static class DockerErrors
{
    /// <summary>Clients print the whole message.</summary>
    private const int MostNodes = 100;

    public static async Task WriteAsync(HttpContext context, Error error)
    {
        if (context.Response.HasStarted)
        {
            // Too late for a status: a broken body must not look like a whole one.
            context.Abort();
            return;
        }

        context.Response.StatusCode = StatusOf(error);
        context.Response.ContentType = DockerCall.Json;
        if (error is UnauthenticatedError)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (error is UnavailableError { RetryAfterSeconds: var seconds })
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        using var buffer = new MemoryStream();
        await using (var json = new System.Text.Json.Utf8JsonWriter(buffer, JsonForm.Options))
        {
            json.WriteStartObject();
            json.WriteString("message", TextOf(error));
            json.WriteEndObject();
        }

        context.Response.ContentLength = buffer.Length;
        await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
    }

    private static int StatusOf(Error error) => error switch
    {
        NotServedError => 501,
        // The engine's own word, also for its own troubles: clients act on it.
        EngineError { EngineStatus: >= 400 and < 600 } engine => engine.EngineStatus,
        _ => ErrorStatus.Of(error),
    };

    internal static string TextOf(Error error)
    {
        switch (error)
        {
            case PlacementError { Detail: PlacementView view }:
                return Explained(error.Message, view);
            case NotServedError or { Message: "" }:
                return error.Message;
        }

        var fields = ErrorFields.Of(error);
        return fields.Count == 0 ? error.Message : string.Join("; ", fields.Select(field => field.Field is "$" or "" ? field.Message : $"{field.Field}: {field.Message}"));
    }

    /// <summary>The refusal and, a line each, what speaks against every node.</summary>
    private static string Explained(string text, PlacementView view)
    {
        var lines = new StringBuilder(text);
        var shown = 0;
        foreach (var node in view.Nodes)
        {
            if (node.Reasons.Count == 0)
            {
                continue;
            }

            if (++shown > MostNodes)
            {
                lines.Append("\n  … and more nodes; POST /api/v1/placements/simulate lists them all");
                break;
            }

            lines.Append("\n  ").Append(node.Node).Append(": ").AppendJoin("; ", node.Reasons);
        }

        return lines.ToString();
    }
}
