using System.Text.Json.Nodes;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>One server-sent event.</summary>
internal sealed record ServerEvent(string Id, string Kind, JsonNode Data);

/// <summary>Reads the stream of changes.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage answer, Stream body)
    {
        _answer = answer;
        _reader = new StreamReader(body);
    }

    public static async Task<EventStream> OpenAsync(ClusterApi api, string query = "", string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events" + query);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var answer = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return new EventStream(answer, await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event that is asked for; those before it are passed over.</summary>
    public async Task<ServerEvent> NextAsync(double seconds, Func<ServerEvent, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        var (id, kind) = ("", "");
        while (await _reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal)
                && new ServerEvent(id, kind, JsonNode.Parse(line[6..])!) is var found && wanted(found))
            {
                return found;
            }
        }

        throw new InvalidOperationException("The stream of events has ended.");
    }

    public void Dispose()
    {
        _reader.Dispose();
        _answer.Dispose();
    }
}
