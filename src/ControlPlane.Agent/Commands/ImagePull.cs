using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Session;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>Pulls an image and tells how far it is, at most four times a second.</summary>
internal sealed class ImagePull(EngineSocket socket, Outbox outbox, AgentDeadlines deadlines, TimeProvider time)
{
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromMilliseconds(250);

    /// <returns>Null when the image is there, else the failure.</returns>
    public async Task<CommandResult?> RunAsync(string reference, CommandContext context)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(context.DeadlineOrCancel);
        idle.CancelAfter(deadlines.PullIdle);
        try
        {
            using var answer = await socket.StreamAsync(HttpMethod.Post, ToPath(reference), idle.Token);
            if (!answer.IsSuccessStatusCode)
            {
                var refusal = new EngineAnswer((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(idle.Token));
                return Results.Failed(context, refusal, refusal.Status == 404 ? "image.not_found" : "image.pull_failed");
            }

            return await FollowAsync(answer, context, idle) is { } error ? Results.Failed(context, "image.pull_failed", error) : null;
        }
        catch (OperationCanceledException) when (!context.DeadlineOrCancel.IsCancellationRequested)
        {
            return Results.Failed(context, "image.pull_failed", $"The pull of {reference} delivered nothing for {deadlines.PullIdle.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>A reference without a tag would pull every tag of the repository.</summary>
    internal static string ToPath(string reference)
    {
        var digest = reference.IndexOf('@', StringComparison.Ordinal);
        var colon = reference.LastIndexOf(':');
        var (name, tag) = digest > 0 ? (reference[..digest], reference[(digest + 1)..])
            : colon > reference.LastIndexOf('/') ? (reference[..colon], reference[(colon + 1)..])
            : (reference, "latest");
        return $"images/create?fromImage={Uri.EscapeDataString(name)}&tag={Uri.EscapeDataString(tag)}";
    }

    private async Task<string?> FollowAsync(HttpResponseMessage answer, CommandContext context, CancellationTokenSource idle)
    {
        var progress = new PullProgress();
        long? told = null;
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(idle.Token));
        while (await lines.ReadLineAsync(idle.Token) is { } line)
        {
            idle.CancelAfter(deadlines.PullIdle);
            try
            {
                using var json = JsonDocument.Parse(line);
                if (progress.Take(json.RootElement) is { } error)
                {
                    return error;
                }
            }
            catch (JsonException)
            {
                continue;
            }

            if (told is null || time.GetElapsedTime(told.Value) >= ProgressPeriod)
            {
                told = time.GetTimestamp();
                outbox.Add(progress.ToProgress(context.Command.Id));
            }
        }

        return null;
    }
}
