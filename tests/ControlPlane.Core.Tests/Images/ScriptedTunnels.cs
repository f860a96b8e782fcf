using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Tests.Images;

/// <summary>Tunnels to engines that the test plays.</summary>
internal sealed class ScriptedTunnels : ITunnels
{
    /// <summary>Everything that was asked, in order.</summary>
    public ConcurrentQueue<(string Node, TunnelRequest Request)> Asked { get; } = new();

    /// <summary>Exchanges that were begun, in order.</summary>
    public ConcurrentQueue<ScriptedExchange> Exchanges { get; } = new();

    /// <summary>Plays a node's engine; runs beside the test until it returns.</summary>
    public Func<ScriptedExchange, Task> Engine { get; set; } = _ => Task.CompletedTask;

    public async Task<Result<TunnelReply>> OpenAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken)
    {
        var exchange = Begin(nodeId, request);
        await exchange.EndAsync(cancellationToken);
        var head = await exchange.HeadAsync(cancellationToken);
        return head.IsSuccess ? new TunnelReply(head.Value, exchange.Body) : head.Error;
    }

    public Task<Result<ITunnelExchange>> BeginAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(Result.Of<ITunnelExchange>(Begin(nodeId, request)));

    public IReadOnlyList<T> AskedOf<T>()
        where T : TunnelRequest => [.. Asked.Select(asked => asked.Request).OfType<T>()];

    public IReadOnlyList<string> NodesAsked<T>()
        where T : TunnelRequest => [.. Asked.Where(asked => asked.Request is T).Select(asked => asked.Node)];

    private ScriptedExchange Begin(string nodeId, TunnelRequest request)
    {
        Asked.Enqueue((nodeId, request));
        var exchange = new ScriptedExchange(nodeId, request);
        Exchanges.Enqueue(exchange);
        exchange.Playing = PlayAsync(exchange);
        return exchange;
    }

    private async Task PlayAsync(ScriptedExchange exchange)
    {
        await Task.Yield();
        await Engine(exchange);
    }
}

/// <summary>One request at an engine, from the engine's side and from the server's.</summary>
internal sealed class ScriptedExchange(string node, TunnelRequest request) : ITunnelExchange
{
    private readonly TaskCompletionSource<Result<TunnelResponse>> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A node takes little ahead: back-pressure shows at once.
    private readonly Pipe _sent = new(new PipeOptions(pauseWriterThreshold: 128 * 1024, resumeWriterThreshold: 64 * 1024));
    private readonly Pipe _answer = new();

    public string Node => node;

    public TunnelRequest Request => request;

    public Task Playing { get; set; } = Task.CompletedTask;

    public bool IsDisposed { get; private set; }

    public Stream Body => field ??= _answer.Reader.AsStream();

    public Stream Sent => field ??= _sent.Reader.AsStream();

    public ScriptedExchange Head(int status)
    {
        _head.TrySetResult(new TunnelResponse(status, "application/json"));
        return this;
    }

    public async Task SayAsync(params string[] lines)
    {
        Head(200);
        foreach (var line in lines)
        {
            await _answer.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
        }
    }

    public async Task AnswerAsync(int status, string body)
    {
        Head(status);
        await _answer.Writer.WriteAsync(Encoding.UTF8.GetBytes(body));
        await EndAsync();
    }

    public async Task EndAsync()
    {
        Head(200);
        await _answer.Writer.CompleteAsync();
    }

    public async Task BreakAsync()
    {
        Head(200);
        await _answer.Writer.CompleteAsync(new IOException("cut"));
    }

    async ValueTask ITunnelExchange.WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => await _sent.Writer.WriteAsync(data, cancellationToken);

    public Task EndAsync(CancellationToken cancellationToken) => _sent.Writer.CompleteAsync().AsTask();

    public Task<Result<TunnelResponse>> HeadAsync(CancellationToken cancellationToken) => _head.Task.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await _sent.Writer.CompleteAsync();
    }
}
