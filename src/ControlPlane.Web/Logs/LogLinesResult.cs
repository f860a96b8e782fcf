using System.Text;
using ControlPlane.Core.Nodes.Links;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Logs;

/// <summary>
/// Streams lines to the viewer: each begins with <c>o</c>, <c>e</c> (standard error) or <c>!</c> (a note). Flushed when the node has
/// nothing more to give at the moment, so a burst is one write and a single line is not late.
/// </summary>
internal sealed class LogLinesResult(TunnelReply reply, bool marks, string? fileName = null) : IActionResult
{
    private const int FlushAt = 32 * 1024;

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        var cancellation = context.HttpContext.RequestAborted;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        if (fileName is not null)
        {
            response.Headers.ContentDisposition = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue("attachment") { FileNameStar = fileName }.ToString();
        }

        await using (reply)
        {
            try
            {
                await response.Body.FlushAsync(cancellation);
                await CopyAsync(response, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The viewer was closed.
            }
            catch (IOException)
            {
                await response.WriteAsync("!The stream from the node broke off.\n", CancellationToken.None);
            }
        }
    }

    private async Task CopyAsync(HttpResponse response, CancellationToken cancellation)
    {
        var writer = response.BodyWriter;
        var lines = LogFrames.ReadAsync(reply.Body, cancellation).GetAsyncEnumerator(cancellation);
        await using (lines)
        {
            while (true)
            {
                var next = lines.MoveNextAsync();
                if ((!next.IsCompleted || writer.UnflushedBytes > FlushAt) && writer.UnflushedBytes > 0)
                {
                    await writer.FlushAsync(cancellation);
                }

                if (!await next)
                {
                    return;
                }

                var line = lines.Current;
                var text = marks ? (line.IsError ? "e" : "o") + line.Text + "\n" : line.Text + "\n";
                Encoding.UTF8.GetBytes(text, writer);
            }
        }
    }
}
