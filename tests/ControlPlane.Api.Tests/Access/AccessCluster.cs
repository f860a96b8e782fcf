using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Access;

/// <summary>A server with two collections, each with a node and a container, and people with each built-in role.</summary>
internal sealed class AccessCluster(TestServer server) : IAsyncDisposable
{
    public const string Own = "/own";
    public const string Hidden = "/hidden-place";
    public const string OwnContainer = "own-container";
    public const string HiddenContainer = "hidden-container";
    public const string OwnNode = "own-node";
    public const string HiddenNode = "hidden-node";

    /// <summary>In every name that somebody with rights on <see cref="Own"/> only must never read.</summary>
    public const string Mark = "hidden-";

    private static readonly Caller Administrator = Caller.System("test");
    private readonly Dictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);

    public TestServer Server => server;

    public static async Task<AccessCluster> StartAsync()
    {
        var cluster = new AccessCluster(await TestServer.StartAsync());
        var collections = cluster.Get<CollectionService>();
        foreach (var path in (string[])[Own, Hidden])
        {
            (await collections.CreateAsync(Administrator, new CollectionRequest(path), default)).IsSuccess.ShouldBeTrue();
        }

        await cluster.ResetAsync();
        return cluster;
    }

    /// <summary>Puts back what a request may have taken away.</summary>
    public async Task ResetAsync()
    {
        await using (var db = server.Database.CreateDbContext())
        {
            await db.Nodes.ExecuteDeleteAsync();
            db.Nodes.AddRange(Row(OwnNode, Own), Row(HiddenNode, Hidden));
            await db.SaveChangesAsync();
        }

        Get<ClusterState>().Write(writer =>
        {
            Put(writer, OwnNode, OwnContainer, Own, '1');
            Put(writer, HiddenNode, HiddenContainer, Hidden, '2');
        });
    }

    /// <summary>A client with this role on this collection; a new account for each pair.</summary>
    public async Task<HttpClient> ClientAsync(string? role, string collection)
    {
        var name = $"{role ?? "nobody"}{collection.Replace('/', '-')}";
        if (_clients.TryGetValue(name, out var known))
        {
            return known;
        }

        await using var db = server.Database.CreateDbContext();
        var user = Get<LocalAccounts>().NewUser(name, "a test password nobody guesses", isAdministrator: false);
        db.Users.Add(user);
        var token = Get<ApiTokens>().Add(db, user.Id, "test", 1);
        await db.SaveChangesAsync();
        if (role is not null)
        {
            (await Get<GrantService>().CreateAsync(Administrator, new GrantRequest("user", role, collection, name), default)).IsSuccess.ShouldBeTrue();
        }

        return _clients[name] = server.WithToken(token.Token);
    }

    public T Get<T>() where T : notnull => server.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await server.DisposeAsync();
    }

    private static NodeEntity Row(string name, string collection) => new()
    {
        Id = "id-" + name, Name = name, PublicKey = "", KeyThumbprint = name, LabelsJson = "{}", Availability = "Active", Approved = true, Collection = collection,
    };

    private static void Put(StateWriter writer, string node, string container, string collection, char digit)
    {
        var prefix = collection == Hidden ? Mark : "own-";
        writer.Put(new NodeRecord
        {
            Id = "id-" + node, Name = node, Collection = collection, State = NodeState.Ready, StateSince = writer.Now, Availability = NodeAvailability.Active, JoinedAt = writer.Now, Revision = 1,
            Synced = true, Pulse = new NodePulse(), Labels = ImmutableSortedDictionary<string, string>.Empty.Add(prefix + "label", "x"),
            Images = [new ImageReport("sha256:" + new string(digit, 64), [prefix + "image:1"], [], 1, writer.Now)],
            Networks = [new NetworkReport(new string(digit, 64), prefix + "network", "bridge", "local", false, [], new Dictionary<string, string>(), writer.Now)],
            Volumes = [new VolumeReport(prefix + "volume", "local", "local", new Dictionary<string, string>(), writer.Now)],
            Description = new NodeDescription
            {
                EngineId = node, HostName = node, EngineVersion = "20.10.24", ApiVersion = "1.41", MinApiVersion = "1.12", OperatingSystem = "Linux", OsType = "linux",
                Architecture = "x86_64", KernelVersion = "6.1", StorageDriver = "overlay2", Cpus = 4, MemoryBytes = 1L << 30, EngineLabels = new Dictionary<string, string>(),
            },
        });
        var id = new string(digit, 64);
        writer.Put(new ContainerRecord
        {
            Id = id, NodeId = "id-" + node, Name = container, Image = prefix + "image:1", Collection = collection, CreatedAt = writer.Now, Pulse = new ContainerPulse(),
            Observed = new ContainerReport
            {
                EngineId = id, Name = container, Image = prefix + "image:1", ImageId = "sha256:" + id, Command = "sh", CreatedAt = writer.Now, State = "running",
                Labels = new Dictionary<string, string> { [prefix + "label"] = "x" },
            },
        });
    }
}
