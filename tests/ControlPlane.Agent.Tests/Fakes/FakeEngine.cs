using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>An engine that holds nothing and answers as it is told, with everything it was asked.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<string, (int Status, string Body)>> _answers = new(StringComparer.Ordinal);
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    private FakeEngine()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        Says("GET /version", """{"ApiVersion":"1.47","MinAPIVersion":"1.24","Version":"27.0"}""");
        Says("GET /info", """{"ID":"e","Name":"host","ServerVersion":"27.0","OSType":"linux"}""");
        Says("GET /containers/json", "[]");
        Says("GET /images/json", "[]");
        Says("GET /networks", "[]");
        Says("GET /volumes", """{"Volumes":[],"Warnings":null}""");
        Says("GET /_ping", "OK");
    }

    public string Socket => _directory.Sub("engine.sock");

    /// <summary><c>METHOD /path?query body</c> of every change, in order.</summary>
    public ConcurrentQueue<string> Changes { get; } = [];

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        await engine._app.StartAsync();
        return engine;
    }

    /// <summary>What to answer to a method and path without the version.</summary>
    public void Says(string request, string body, int status = 200) => _answers[request] = _ => (status, body);

    /// <summary>What to answer, and what happens meanwhile.</summary>
    public void Says(string request, Func<string, (int Status, string Body)> answer) => _answers[request] = answer;

    public void Happens(string line) => _events.Writer.TryWrite(line);

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path.StartsWith("/v1.", StringComparison.Ordinal))
        {
            path = path[path.IndexOf('/', 1)..];
        }

        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        if (path == "/events")
        {
            await http.Response.Body.FlushAsync();
            await foreach (var line in _events.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync(line + "\n");
                await http.Response.Body.FlushAsync();
            }

            return;
        }

        if (http.Request.Method != "GET")
        {
            Changes.Enqueue($"{http.Request.Method} {path}{http.Request.QueryString} {body}".TrimEnd());
        }

        var (status, answer) = _answers.TryGetValue($"{http.Request.Method} {path}", out var known) ? known(body) : (404, """{"message":"no such thing"}""");
        http.Response.StatusCode = status;
        if (status is not (204 or 304))
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(answer);
        }
    }
}
