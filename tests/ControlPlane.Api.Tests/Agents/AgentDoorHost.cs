using ControlPlane.Api.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Sqlite;
using ControlPlane.Core.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Api.Tests.Agents;

/// <summary>The agents' door on a real Kestrel with a database of its own, and nothing else of the server.</summary>
internal sealed class AgentDoorHost : IAsyncDisposable
{
    public static readonly string KeyDigest = new('a', 64);

    private readonly WebApplication _app;
    private readonly string _directory;

    private AgentDoorHost(WebApplication app, string directory)
    {
        _app = app;
        _directory = directory;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Http { get; }

    public static Caller Admin { get; } = Caller.System("test");

    public ClusterState State => Get<ClusterState>();

    public NodeLinks Links => Get<NodeLinks>();

    public static async Task<AgentDoorHost> StartAsync(TimeProvider? clock = null, Action<IServiceCollection>? more = null)
    {
        var directory = Directory.CreateTempSubdirectory("agent-door-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddDbContextFactory<ControlPlaneDb>(options => SqliteProvider.Configure(options, Path.Combine(directory, "test.db")));
        builder.Services.AddSingleton<IEventSink, ForgetfulSink>();
        builder.Services.AddAccess();
        builder.Services.TryAddSingleton<AuditTrail>();
        builder.Services.TryAddSingleton<AnonymousRefusals>();
        builder.Services.AddSingleton<IServerIdentity, FixedIdentity>();
        more?.Invoke(builder.Services);
        builder.Services.AddNodes();
        builder.Services.AddAgentDoor();
        var app = builder.Build();
        await using (var db = await app.Services.GetRequiredService<IDbContextFactory<ControlPlaneDb>>().CreateDbContextAsync())
        {
            await db.Database.EnsureCreatedAsync();
            await SqliteProvider.PrepareAsync(db, CancellationToken.None);
        }

        await app.Services.GetRequiredService<NodeLoader>().WarmUpAsync(CancellationToken.None);
        app.UseRouting();
        app.MapAgentDoor();
        await app.StartAsync();
        return new AgentDoorHost(app, directory);
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<ControlPlaneDb> OpenDatabaseAsync() => Get<IDbContextFactory<ControlPlaneDb>>().CreateDbContextAsync();

    public async Task<IssuedJoinToken> NewTokenAsync(int uses = 100, bool requireApproval = false, int seconds = 3600)
    {
        var made = await Get<JoinTokenService>().CreateAsync(
            Admin, new NewJoinToken { Name = "test", Uses = uses, RequireApproval = requireApproval, ExpiresInSeconds = seconds }, CancellationToken.None);
        return made.Value;
    }

    /// <summary>Waits for a condition, with a deadline in real time.</summary>
    public static async Task UntilAsync(Func<bool> condition, int seconds = 10)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class ForgetfulSink : IEventSink
    {
        public void Add(EventEntity entry)
        {
        }

        public void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId)
        {
        }
    }

    private sealed class FixedIdentity : IServerIdentity
    {
        public string KeyDigest => AgentDoorHost.KeyDigest;

        public IReadOnlyList<string> TrustedKeys => [KeyDigest];
    }
}
