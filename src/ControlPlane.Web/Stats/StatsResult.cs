using System.Text.Json;
using ControlPlane.Core.Nodes.Links;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Stats;

/// <summary>Streams samples to the charts: a line of JSON each.</summary>
internal sealed class StatsResult(TunnelReply reply) : IActionResult
{
    private const int MaxSample = 256 * 1024;

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        var cancellation = context.HttpContext.RequestAborted;
        response.ContentType = "application/x-ndjson";
        response.Headers["X-Accel-Buffering"] = "no";
        await using (reply)
        {
            try
            {
                using var reader = new StreamReader(reply.Body, bufferSize: 16 * 1024);
                while (await reader.ReadLineAsync(cancellation) is { } line)
                {
                    if (line.Length > MaxSample || Sample(line) is not { } sample)
                    {
                        continue;
                    }

                    await response.WriteAsync(JsonSerializer.Serialize(sample, JsonSerializerOptions.Web) + "\n", cancellation);
                    await response.Body.FlushAsync(cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The page was closed.
            }
            catch (IOException)
            {
                await response.WriteAsync("!The stream from the node broke off.\n", CancellationToken.None);
            }
        }
    }

    private static StatsSample? Sample(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return StatsSample.From(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
