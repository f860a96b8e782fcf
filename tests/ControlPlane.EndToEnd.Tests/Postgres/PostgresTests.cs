using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Postgres;

/// <summary>One node and a server whose database is PostgreSQL.</summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private LabPostgres? _postgres;
    private TestCluster? _cluster;

    internal LabPostgres Database => _postgres!;

    internal TestCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        _postgres = await LabPostgres.StartAsync(CancellationToken.None);
        _cluster = await TestCluster.StartAsync(
            new LabOptions
            {
                Directory = LabDirectory.CreateTemporary(),
                Nodes = 1,
                // Where all of PostgreSQL hangs, a command costs its time-out and then, for Npgsql's cancel request, twice the connection's.
                Database = (await _postgres.CreateDatabaseAsync(CancellationToken.None))
                    .Replace("Timeout=5;Command Timeout=5;", "Timeout=2;Command Timeout=3;", StringComparison.Ordinal),
            },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}

public sealed class PostgresTests(PostgresCluster postgres) : IClassFixture<PostgresCluster>, IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster Cluster => postgres.Cluster;

    private ClusterApi Api => postgres.Cluster.Api;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        postgres.Database.Thaw();
        await postgres.Database.RestartAsync(CancellationToken.None);
        await Cluster.ResetAsync();
    }

    [Fact]
    public async Task Containers_are_made_listed_changed_and_removed()
    {
        var created = await Api.RunAsync(Specs.Sleeper("on-postgres"));

        (await Api.ContainersAsync()).Single().Id.ShouldBe(created.Id);
        (await Api.PostAsync($"/containers/{created.Id}/rename", new { name = "renamed" }, ("If-Match", (await Api.GetAsync($"/containers/{created.Id}")).ETag!))).ShouldBe(200);
        (await Api.CreateAsync(Specs.Sleeper("renamed"))).ShouldBe(409, "container.name_taken");
        await Cluster.ShouldAgreeAsync();
        (await Api.DeleteAsync($"/containers/{created.Id}?force=true")).ShouldBe(204);
        (await Cluster.PsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_restart_of_the_server_finds_everything_again()
    {
        var created = await Api.RunAsync(Specs.Sleeper("survivor"));

        await Cluster.Lab.Server.KillAsync(Cancellation);
        await Cluster.Lab.Server.StartAsync(Cancellation);
        await Cluster.Lab.WaitUntilReadyAsync(TimeSpan.FromSeconds(15), Cancellation);

        await Cluster.ShouldAgreeAsync();
        (await Api.ContainerAsync("survivor")).Id.ShouldBe(created.Id);
    }

    [Fact]
    public async Task While_the_database_hangs_changes_fail_soon_and_reads_go_on()
    {
        var created = await Api.RunAsync(Specs.Sleeper("meanwhile"));
        postgres.Database.Freeze();

        var creating = Api.CreateAsync(Specs.Sleeper("too-early"));
        (await Api.GetAsync("/containers")).ShouldBe(200).Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (await Api.GetAsync("/nodes")).ShouldBe(200).Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        var refused = await creating;
        (await Api.NodeAsync("node-1")).State.ShouldBe("Ready");
        (await Api.GetAsync("/containers")).ShouldBe(200).Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        postgres.Database.Thaw();

        refused.ShouldBe(503).Took.ShouldBeLessThan(Limit);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        await Wait.UntilAsync("A create after the thaw", 15, async () => (await Api.CreateAsync(Specs.Sleeper("in-time"))).Status == 201);
        await Cluster.ShouldAgreeAsync();
        (await Api.ContainerAsync(created.Id)).State.ShouldBe("running");
        (await Cluster.PsAsync()).Select(container => container.Name).Order().ShouldBe(["in-time", "meanwhile"]);
    }

    [Fact]
    public async Task A_database_that_was_killed_and_is_back_needs_no_restart_of_the_server()
    {
        await Api.RunAsync(Specs.Sleeper("before"));
        await postgres.Database.KillAsync(Cancellation);

        var refused = await Api.CreateAsync(Specs.Sleeper("without"));
        (await Api.GetAsync("/containers")).ShouldBe(200);
        await postgres.Database.RestartAsync(Cancellation);

        refused.ShouldBe(503).Took.ShouldBeLessThan(Limit);
        await Wait.UntilAsync("A create after the restart", 15, async () => (await Api.CreateAsync(Specs.Sleeper("after"))).Status == 201);
        await Cluster.ShouldAgreeAsync();
        (await Api.ContainersAsync()).Count.ShouldBe(2);
    }
}
