using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Identity;
using ControlPlane.TestKit.Databases;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Api.Tests;

/// <summary>The real server in this process: TLS, a free port, a data directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, TestDatabase database, FirstAccount? first, CapturedLog log)
    {
        _app = app;
        Database = database;
        First = first;
        Log = log;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Url = new Uri($"https://localhost:{new Uri(address).Port}");
        Anonymous = NewClient();
    }

    public TestDatabase Database { get; }

    public FirstAccount? First { get; }

    public CapturedLog Log { get; }

    public Uri Url { get; }

    public HttpClient Anonymous { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> StartAsync(DatabaseKind kind = DatabaseKind.Sqlite, TestDatabase? database = null, Action<WebApplication>? map = null,
        bool keepPassword = false, params string[] settings)
    {
        database ??= await TestDatabase.CreateEmptyAsync(kind);
        var log = new CapturedLog();
        var app = ServerApplication.Build(
            ["--data", database.DataDirectory, "--port", "0", "--docker-port", "0", "--listen", "127.0.0.1", "--database", database.Connection, .. settings],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Logging.AddProvider(log);
                builder.Logging.SetMinimumLevel(LogLevel.Trace);
            });
        map?.Invoke(app);
        var first = await app.Services.GetRequiredService<ServerStart>().PrepareAsync(keepPassword, CancellationToken.None);
        await app.StartAsync();
        return new TestServer(app, database, first, log);
    }

    /// <summary>A client with the first token.</summary>
    public HttpClient Administrator() => WithToken(First!.Token);

    public HttpClient WithToken(string token)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A browser that has signed in.</summary>
    public async Task<HttpClient> BrowserAsync()
    {
        var client = NewClient();
        var answer = await client.PostAsJsonAsync("/api/v1/auth/login", new { name = First!.Name, password = First.Password });
        answer.EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>A browser of somebody else, that may send changes.</summary>
    public async Task<HttpClient> BrowserAsync(string name, string password)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Add("X-Requested-With", "test");
        var answer = await client.PostAsJsonAsync("/api/v1/auth/login", new { name, password });
        answer.EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>Stops the server and keeps its data.</summary>
    public async Task StopAsync()
    {
        Anonymous.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Database.Dispose();
    }

    private HttpClient NewClient()
    {
        var handler = new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseCookies = true, AllowAutoRedirect = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Database.DataDirectory, "ca.pem")) },
        };
        return new HttpClient(handler) { BaseAddress = Url };
    }
}

/// <summary>Everything that was logged, at every level.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Writer(this);

    public void Dispose()
    {
    }

    private sealed class Writer(CapturedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._lines.Enqueue(formatter(state, exception) + exception);
    }
}

/// <summary>Reads answers in tests.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsStringAsync());

    public static async Task<string> CodeAsync(this HttpResponseMessage answer)
    {
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await answer.JsonAsync();
        problem.GetProperty("status").GetInt32().ShouldBe((int)answer.StatusCode);
        problem.GetProperty("requestId").GetString().ShouldBe(answer.Headers.GetValues("X-Request-Id").Single());
        return problem.GetProperty("code").GetString()!;
    }
}
