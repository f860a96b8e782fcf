using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ControlPlane.Bench.Parties;

/// <summary>One subscriber of the server-sent events: tells when it saw which restart count of which container.</summary>
internal sealed class EventReader(RestClient rest, Action<string, int, long> onContainer) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;

    /// <summary>Returns once the stream has begun.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _reading = ReadAsync(_ending.Token);
        await await Task.WhenAny(_ready.Task, _reading).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var answer = await rest.Http.GetAsync(
            new Uri("/api/v1/events?kind=container", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("event: ready", StringComparison.Ordinal))
            {
                _ready.TrySetResult();
            }
            else if (line.StartsWith("data: {\"id\"", StringComparison.Ordinal))
            {
                var seen = Stopwatch.GetTimestamp();
                var body = JsonNode.Parse(line.AsSpan(6).ToString())!;
                if (body["object"]?["restartCount"] is { } count)
                {
                    onContainer(body["id"]!.GetValue<string>(), count.GetValue<int>(), seen);
                }
            }
        }
    }
}
