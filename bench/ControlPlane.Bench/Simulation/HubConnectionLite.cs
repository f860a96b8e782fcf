using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ControlPlane.Bench.Simulation;

/// <summary>
/// The client's half of SignalR's JSON hub protocol over one WebSocket, without the client library: a thousand of them shall cost this
/// machine little, so that what is measured is the server.
/// </summary>
internal sealed class HubConnectionLite(ClientWebSocket socket, Action<string, JsonElement> onInvocation) : IAsyncDisposable
{
    private const byte Separator = 0x1e;
    private const int InvocationType = 1;
    private const int CompletionType = 3;
    private const int CloseType = 7;

    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _waiting = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _out = new(512);
    private int _invocations;

    public async Task HandshakeAsync(CancellationToken cancellationToken)
    {
        await socket.SendAsync(
            "{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        var buffer = new byte[256];
        var answer = await socket.ReceiveAsync(buffer, cancellationToken);
        if (answer.Count != 3 || buffer[2] != Separator)
        {
            throw new InvalidDataException("The server refused the hub's protocol.");
        }
    }

    /// <summary>Reads until the connection ends.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                length += part.Count;
                var begin = 0;
                for (var end = buffer.AsSpan(begin, length).IndexOf(Separator); end >= 0; end = buffer.AsSpan(begin, length - begin).IndexOf(Separator))
                {
                    if (!Handle(buffer.AsMemory(begin, end)))
                    {
                        return;
                    }

                    begin += end + 1;
                }

                buffer.AsSpan(begin, length - begin).CopyTo(buffer);
                length -= begin;
            }
        }
        finally
        {
            foreach (var (_, waiting) in _waiting)
            {
                waiting.TrySetException(new IOException("The session ended."));
            }
        }
    }

    public async Task<JsonElement> InvokeAsync<T>(string method, T argument, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _invocations).ToString(CultureInfo.InvariantCulture);
        var waiting = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = waiting;
        try
        {
            await WriteAsync(method, argument, type, id, cancellationToken);
            return await waiting.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public Task SendAsync<T>(string method, T argument, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        WriteAsync(method, argument, type, id: null, cancellationToken);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        _sending.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync<T>(string method, T argument, JsonTypeInfo<T> type, string? id, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            _out.ResetWrittenCount();
            await using (var json = new Utf8JsonWriter(_out))
            {
                json.WriteStartObject();
                json.WriteNumber("type", InvocationType);
                if (id is not null)
                {
                    json.WriteString("invocationId", id);
                }

                json.WriteString("target", method);
                json.WriteStartArray("arguments");
                JsonSerializer.Serialize(json, argument, type);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            _out.Write([Separator]);
            await socket.SendAsync(_out.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    private bool Handle(ReadOnlyMemory<byte> message)
    {
        using var document = JsonDocument.Parse(message);
        var root = document.RootElement;
        switch (root.GetProperty("type").GetInt32())
        {
            case InvocationType:
                onInvocation(root.GetProperty("target").GetString()!, root.GetProperty("arguments").Clone());
                return true;
            case CompletionType:
                Complete(root);
                return true;
            case CloseType:
                return false;
            default:
                return true;
        }
    }

    private void Complete(JsonElement root)
    {
        if (!_waiting.TryGetValue(root.GetProperty("invocationId").GetString()!, out var waiting))
        {
            return;
        }

        if (root.TryGetProperty("error", out var error))
        {
            waiting.TrySetException(new InvalidOperationException(error.GetString()));
        }
        else
        {
            waiting.TrySetResult(root.TryGetProperty("result", out var result) ? result.Clone() : default);
        }
    }
}
