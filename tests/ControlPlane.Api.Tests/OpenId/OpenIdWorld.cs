using ControlPlane.Core.Audit;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Options;
using ControlPlane.TestKit.OpenId;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Tests.OpenId;

/// <summary>A server with teams, for sign-ins at providers.</summary>
internal sealed class OpenIdWorld : IAsyncDisposable
{
    public const string ProviderId = "corp";
    public const string LocalPassword = "a local password";

    private readonly List<IAsyncDisposable> _providers = [];

    private OpenIdWorld(TestServer server) => Server = server;

    public TestServer Server { get; }

    /// <summary>With a local account, a team devs (groups: devs) and a team ops (realm_access.roles: operator).</summary>
    public static async Task<OpenIdWorld> CreateAsync()
    {
        var server = await TestServer.StartAsync();
        server.Services.GetRequiredService<IOptions<ServerOptions>>().Value.PublicUrl = server.Url.ToString();
        var world = new OpenIdWorld(server);
        await using var db = server.Database.CreateDbContext();
        db.Teams.Add(Team("devs", "groups", "devs"));
        db.Teams.Add(Team("ops", "realm_access.roles", "operator"));
        db.Users.Add(server.Services.GetRequiredService<LocalAccounts>().NewUser("local", LocalPassword, isAdministrator: false));
        await server.Services.GetRequiredService<AccessStore>().SaveAsync(db, CancellationToken.None);
        return world;
    }

    /// <summary>With the real provider, configured.</summary>
    public static async Task<(OpenIdWorld World, TestProvider Provider)> CreateWithProviderAsync(bool idTokenClaims = true, bool userInfo = true)
    {
        var world = await CreateAsync();
        var provider = await TestProvider.StartAsync(
            world.Server.Url.ToString(), ProviderId, Path.Combine(world.Server.Database.DataDirectory, "ca.pem"), idTokenClaims);
        world._providers.Add(provider);
        await world.ConfigureAsync(provider.Issuer, userInfo: userInfo);
        return (world, provider);
    }

    public async Task ConfigureAsync(
        string authority, string id = ProviderId, bool userInfo = true, bool requireTeam = true, object? administrators = null,
        string clientId = TestProvider.ClientId, string clientSecret = TestProvider.ClientSecret)
    {
        using var admin = Server.Administrator();
        var answer = await PutAsync(admin, $"/api/v1/settings/oidc/{id}", new
        {
            displayName = "Corporate login",
            authority,
            allowInsecure = true,
            clientId,
            clientSecret,
            scopes = new[] { "openid", "profile", "email", "groups" },
            userInfo,
            requireTeam,
            administrators = administrators ?? new { claim = "groups", value = "admins" },
        });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    public static Task<HttpResponseMessage> PutAsync(HttpClient client, string path, object body, string ifMatch = "*")
    {
        var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body) };
        if (ifMatch.Length > 0)
        {
            request.Headers.IfMatch.Add(ifMatch == "*" ? EntityTagHeaderValue.Any : new EntityTagHeaderValue(ifMatch));
        }

        return client.SendAsync(request);
    }

    public async Task<string> ServiceAccountAsync(string name, params string[] grants)
    {
        await using var db = Server.Database.CreateDbContext();
        var id = Guid.CreateVersion7().ToString("N");
        db.Users.Add(new UserEntity { Id = id, Name = name, FoldedName = name, Kind = UserKind.Service });
        foreach (var role in grants)
        {
            db.Grants.Add(new GrantEntity { Id = id + role, SubjectKind = "user", SubjectId = id, RoleId = role, Collection = "/", CreatedBy = "test" });
        }

        await Server.Services.GetRequiredService<AccessStore>().SaveAsync(db, CancellationToken.None);
        return id;
    }

    public async Task<T> ReadAsync<T>(Func<ControlPlaneDb, Task<T>> read)
    {
        // Refusals are written behind, alike ones together.
        await Server.Services.GetRequiredService<RefusalWriter>().FlushAsync(all: true, CancellationToken.None);
        await using var db = Server.Database.CreateDbContext();
        return await read(db);
    }

    /// <summary>Refusals of anybody are written behind: waits for a row that is like this.</summary>
    public async Task ShouldBeAuditedAsync(System.Linq.Expressions.Expression<Func<AuditEntity, bool>> like)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await ReadAsync(db => db.Audit.AnyAsync(like)))
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    public string Log => string.Join('\n', Server.Log.Lines);

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private static TeamEntity Team(string name, string claim, string value) => new()
    {
        Id = name,
        Name = name,
        FoldedName = name,
        ClaimRulesJson = $$"""[{"provider":"{{ProviderId}}","claim":"{{claim}}","value":"{{value}}"}]""",
    };
}
