using System.Text.Json;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Tests.Commands;

public sealed class ObjectCommandTests : IAsyncLifetime
{
    private static readonly string NetworkId = new('a', 64);
    private static readonly string ContainerId = new('c', 64);

    private readonly TestAuthority _authority = new();
    private readonly TempDirectory _data = new();
    private FakeEngine _engine = null!;
    private FakeControlPlane _server = null!;
    private RunningAgent? _agent;
    private int _commands;

    public async ValueTask InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        _server = await FakeControlPlane.StartAsync(_authority);
    }

    [Fact]
    public async Task A_volume_is_made_and_the_inventory_has_it_before_the_result_is_there()
    {
        _engine.Says("POST /volumes/create", _ =>
        {
            _engine.Says("GET /volumes", """{"Volumes":[{"Name":"data","Driver":"local","Mountpoint":"/v/data","Labels":{"a":"b"},"Options":null,"Scope":"local","CreatedAt":"2026-01-02T03:04:05Z"}]}""");
            return (201, """{"Name":"data","Driver":"local"}""");
        });

        var result = await RunAsync(id => new CreateVolume { Id = id, DeadlineMilliseconds = 9000, SpecJson = """{"Name":"data","Labels":{"a":"b"}}""" });

        result.Outcome.ShouldBe(CommandOutcome.Done, result.Message);
        result.Body.ShouldBe("""{"Name":"data","Driver":"local"}""");
        var volume = Volumes().ShouldHaveSingleItem();
        volume.Labels["a"].ShouldBe("b");
        JsonDocument.Parse(volume.Json!).RootElement.GetProperty("Scope").GetString().ShouldBe("local");
        _engine.Changes.ShouldContain("""POST /volumes/create {"Name":"data","Labels":{"a":"b"}}""");
    }

    [Theory]
    [InlineData("""{"Labels":{}}""")]
    [InlineData("""{"Name":"../x"}""")]
    [InlineData("""{"Name":"x"}""")]
    [InlineData("""{"name":"data"}""")]
    [InlineData("""{"Name":"data","ClusterVolumeSpec":{}}""")]
    [InlineData("""nonsense""")]
    public async Task A_volume_that_is_not_in_the_engines_form_is_refused_before_the_engine_is_asked(string spec)
    {
        var result = await RunAsync(id => new CreateVolume { Id = id, DeadlineMilliseconds = 9000, SpecJson = spec });

        result.Outcome.ShouldBe(CommandOutcome.Refused);
        _engine.Changes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"none","o":"bind","device":"/etc"}}""", true)]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"nfs","o":"bind","device":"etc"}}""", true)]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"ext4","device":"/dev/sda1"}}""", true)]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"overlay","o":"lowerdir=/etc,upperdir=/srv/u,workdir=/srv/w","device":"overlay"}}""", true)]
    [InlineData("""{"Name":"data","DriverOpts":{"Device":"tmpfs","device":"/etc"}}""", true)]
    [InlineData("""{"Name":"data","Driver":"plugin","DriverOpts":{"mountpoint":"/etc"}}""", true)]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"none","o":"bind","device":"/srv/data"}}""", false)]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"tmpfs","device":"tmpfs","o":"size=1m"}}""", false)]
    [InlineData("""{"Name":"data","DriverOpts":{"type":"nfs","device":":/export","o":"addr=10.0.0.1"}}""", false)]
    public async Task A_volume_that_is_a_bind_mount_in_disguise_is_judged_as_one(string spec, bool refused)
    {
        _engine.Says("POST /volumes/create", "{}", 201);
        var policy = _data.Sub("policy.json");
        await File.WriteAllTextAsync(policy, """{"bindMountsBelow":["/srv"]}""", TestContext.Current.CancellationToken);

        var result = await RunAsync(id => new CreateVolume { Id = id, DeadlineMilliseconds = 9000, SpecJson = spec }, policy);

        result.Outcome.ShouldBe(refused ? CommandOutcome.Refused : CommandOutcome.Done, result.Message);
        _engine.Changes.IsEmpty.ShouldBe(refused);
    }

    [Fact]
    public async Task A_volume_or_network_or_image_that_is_gone_already_is_removed()
    {
        (await RunAsync(id => new RemoveVolume { Id = id, DeadlineMilliseconds = 9000, Name = "data", Force = true })).Outcome.ShouldBe(CommandOutcome.Done);
        (await RunAsync(id => new RemoveNetwork { Id = id, DeadlineMilliseconds = 9000, NetworkId = NetworkId })).Outcome.ShouldBe(CommandOutcome.Done);
        (await RunAsync(id => new RemoveImage { Id = id, DeadlineMilliseconds = 9000, Reference = "ghcr.io/a/b:1", NoPrune = true })).Outcome.ShouldBe(CommandOutcome.Done);

        _engine.Changes.ShouldBe(["DELETE /volumes/data?force=1", $"DELETE /networks/{NetworkId}", "DELETE /images/ghcr.io/a/b:1?force=0&noprune=1"]);
    }

    [Fact]
    public async Task What_the_engine_refuses_is_told_with_its_status_and_words()
    {
        _engine.Says("DELETE /volumes/data", """{"message":"volume is in use"}""", 409);

        var result = await RunAsync(id => new RemoveVolume { Id = id, DeadlineMilliseconds = 9000, Name = "data" });

        result.Outcome.ShouldBe(CommandOutcome.Failed);
        result.EngineStatus.ShouldBe(409);
        result.Message.ShouldBe("volume is in use");
        result.NothingChanged.ShouldBeTrue();
    }

    [Fact]
    public async Task A_network_is_made_once_and_reported_without_its_containers()
    {
        _engine.Says("POST /networks/create", _ =>
        {
            _engine.Says("GET /networks", $$$"""[{"Name":"front","Id":"{{{NetworkId}}}","Created":"2026-01-02T03:04:05Z","Scope":"local","Driver":"bridge","Internal":true,"IPAM":{"Config":[{"Subnet":"10.1.0.0/24"}]},"Containers":{"x":{"Name":"secret"}},"Labels":null}]""");
            return (201, $$"""{"Id":"{{NetworkId}}","Warning":""}""");
        });

        var result = await RunAsync(id => new CreateNetwork { Id = id, DeadlineMilliseconds = 9000, SpecJson = """{"Name":"front","Internal":true}""" });

        result.Outcome.ShouldBe(CommandOutcome.Done, result.Message);
        JsonDocument.Parse(result.Body!).RootElement.GetProperty("Id").GetString().ShouldBe(NetworkId);
        var network = Reports().Last(report => report.Networks is { Count: > 0 }).Networks![0];
        (network.Name, network.Internal, network.Subnets[0]).ShouldBe(("front", true, "10.1.0.0/24"));
        network.Json!.ShouldNotContain("Containers");
        _engine.Changes.ShouldBe(["""POST /networks/create {"Name":"front","CheckDuplicate":true,"Internal":true}"""]);
    }

    [Theory]
    [InlineData("host")]
    [InlineData("MACVLAN")]
    [InlineData("ipvlan")]
    public async Task A_network_of_the_host_is_refused_where_its_owner_says_so(string driver)
    {
        var policy = _data.Sub("policy.json");
        await File.WriteAllTextAsync(policy, """{"noHostNamespaces":true}""", TestContext.Current.CancellationToken);

        var spec = $$"""{"Name":"front","Driver":"{{driver}}"}""";
        var result = await RunAsync(id => new CreateNetwork { Id = id, DeadlineMilliseconds = 9000, SpecJson = spec }, policy);

        result.Outcome.ShouldBe(CommandOutcome.Refused);
        result.Message.ShouldContain(driver);
        _engine.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_container_is_looked_at_after_it_joined_and_after_it_left()
    {
        _engine.Says($"POST /networks/{NetworkId}/connect", _ =>
        {
            _engine.Says($"GET /containers/{ContainerId}/json", Container("""{"front":{"NetworkID":"n","Aliases":["web"]}}"""));
            return (200, "");
        });
        _engine.Says($"POST /networks/{NetworkId}/disconnect", _ =>
        {
            _engine.Says($"GET /containers/{ContainerId}/json", Container("{}"));
            return (200, "");
        });

        var joined = await RunAsync(id => new ConnectNetwork
        {
            Id = id, DeadlineMilliseconds = 9000, EngineId = ContainerId, NetworkId = NetworkId, EndpointJson = """{"Aliases":["web"]}""",
        });
        joined.Outcome.ShouldBe(CommandOutcome.Done, joined.Message);
        _server.Seen.Containers[ContainerId].Endpoints["front"].Aliases.ShouldBe(["web"]);

        var left = await RunAsync(id => new DisconnectNetwork { Id = id, DeadlineMilliseconds = 9000, EngineId = ContainerId, NetworkId = NetworkId, Force = true });
        left.Outcome.ShouldBe(CommandOutcome.Done, left.Message);
        _server.Seen.Containers[ContainerId].Endpoints.ShouldBeEmpty();
        _engine.Changes.ShouldBe([
            $$$"""POST /networks/{{{NetworkId}}}/connect {"Container":"{{{ContainerId}}}","EndpointConfig":{"Aliases":["web"]}}""",
            $$"""POST /networks/{{NetworkId}}/disconnect {"Container":"{{ContainerId}}","Force":true}""",
        ]);
    }

    [Fact]
    public async Task Joining_tells_whether_the_network_or_the_container_is_missing()
    {
        var connect = new ConnectNetwork { Id = "1", DeadlineMilliseconds = 9000, EngineId = ContainerId, NetworkId = NetworkId };
        (await RunAsync(id => connect with { Id = id })).Code.ShouldBe("container.not_found");

        _engine.Says($"GET /containers/{ContainerId}/json", Container("{}"));
        (await RunAsync(id => connect with { Id = id })).Code.ShouldBe("network.not_found");

        (await RunAsync(id => connect with { Id = id, NetworkId = "front" })).Outcome.ShouldBe(CommandOutcome.Refused);
        (await RunAsync(id => connect with { Id = id, EngineId = "web" })).Outcome.ShouldBe(CommandOutcome.Refused);
        (await RunAsync(id => connect with { Id = id, EndpointJson = """{"aliases":[]}""" })).Outcome.ShouldBe(CommandOutcome.Refused);
    }

    [Fact]
    public async Task An_image_gets_a_name_and_the_inventory_knows()
    {
        var image = "sha256:" + new string('1', 64);
        _engine.Says($"POST /images/{image}/tag", _ =>
        {
            _engine.Says("GET /images/json", $$$"""[{"Id":"{{{image}}}","ParentId":"p","RepoTags":["registry:5000/a/b:2"],"Labels":{"k":"v"},"Created":1,"Size":3}]""");
            return (201, "");
        });

        var result = await RunAsync(id => new TagImage { Id = id, DeadlineMilliseconds = 9000, Reference = image, Repository = "registry:5000/a/b", Tag = "2" });

        result.Outcome.ShouldBe(CommandOutcome.Done, result.Message);
        var report = Reports().Last(seen => seen.Images is { Count: > 0 }).Images![0];
        (report.ParentId, report.Labels["k"], report.Tags[0]).ShouldBe(("p", "v", "registry:5000/a/b:2"));
        _engine.Changes.ShouldBe([$"POST /images/{image}/tag?repo=registry%3A5000%2Fa%2Fb&tag=2"]);
    }

    [Theory]
    [InlineData("../networks", "a", "1")]
    [InlineData("a?b=c", "a", "1")]
    [InlineData("A", "a", "1")]
    [InlineData("a", "a:1", "2")]
    [InlineData("a", "a@sha256", "2")]
    [InlineData("a", "a", "b/c")]
    [InlineData("a", "a", "")]
    public async Task Names_that_are_none_are_refused(string reference, string repository, string tag)
    {
        var result = await RunAsync(id => new TagImage { Id = id, DeadlineMilliseconds = 9000, Reference = reference, Repository = repository, Tag = tag });

        result.Outcome.ShouldBe(CommandOutcome.Refused);
        _engine.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_engines_list_of_what_it_removed_comes_back()
    {
        _engine.Says("DELETE /images/busybox:latest", """[{"Untagged":"busybox:latest"}]""");
        _engine.Says("POST /build/prune", """{"CachesDeleted":null,"SpaceReclaimed":7}""");

        (await RunAsync(id => new RemoveImage { Id = id, DeadlineMilliseconds = 9000, Reference = "busybox" })).Body.ShouldBe("""[{"Untagged":"busybox:latest"}]""");
        (await RunAsync(id => new PruneBuildCache { Id = id, DeadlineMilliseconds = 9000, All = true })).Body.ShouldBe("""{"CachesDeleted":null,"SpaceReclaimed":7}""");
        _engine.Changes.ShouldBe(["DELETE /images/busybox:latest?force=0&noprune=0", "POST /build/prune?all=1"]);
    }

    [Fact]
    public async Task A_container_becomes_an_image()
    {
        _engine.Says("POST /commit", """{"Id":"sha256:2"}""", 201);

        var result = await RunAsync(id => new CommitContainer
        {
            Id = id, DeadlineMilliseconds = 9000, EngineId = ContainerId, Repository = "web", Comment = "a&b=c", Changes = "ENV A=1\nUSER 1", ConfigJson = """{"User":"2"}""", Pause = false,
        });

        result.Outcome.ShouldBe(CommandOutcome.Done, result.Message);
        result.Body.ShouldBe("""{"Id":"sha256:2"}""");
        _engine.Changes.ShouldBe([$$"""POST /commit?container={{ContainerId}}&pause=0&repo=web&tag=latest&comment=a%26b%3Dc&changes=ENV%20A%3D1&changes=USER%201 {"User":"2"}"""]);
    }

    [Theory]
    [InlineData("""{"HostConfig":{"Privileged":true}}""")]
    [InlineData("""{"user":"0"}""")]
    [InlineData("[]")]
    public async Task A_configuration_that_no_image_has_is_refused(string config)
    {
        var result = await RunAsync(id => new CommitContainer { Id = id, DeadlineMilliseconds = 9000, EngineId = ContainerId, ConfigJson = config });

        result.Outcome.ShouldBe(CommandOutcome.Refused);
        _engine.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_engine_that_is_silent_costs_the_deadline_and_leaves_it_unclear()
    {
        using var release = new SemaphoreSlim(0);
        _engine.Says("POST /volumes/create", _ =>
        {
            release.Wait(TimeSpan.FromSeconds(10));
            return (201, "{}");
        });

        var result = await RunAsync(id => new CreateVolume { Id = id, DeadlineMilliseconds = 300, SpecJson = """{"Name":"data"}""" });
        release.Release();

        result.Outcome.ShouldBe(CommandOutcome.Unclear);
        result.Code.ShouldBe("command.deadline");
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
        }

        await _server.DisposeAsync();
        await _engine.DisposeAsync();
        _data.Dispose();
        _authority.Dispose();
    }

    private static string Container(string networks) =>
        $$$"""{"Id":"{{{ContainerId}}}","Name":"/web","Image":"sha256:1","Created":"2026-01-02T03:04:05Z","State":{"Status":"running"},"Config":{"Image":"i"},"NetworkSettings":{"Networks":{{{networks}}}}}""";

    private List<InventoryReport> Reports() => _server.Seen.Reports;

    private IReadOnlyList<VolumeReport> Volumes() => Reports().Last(report => report.Volumes is not null).Volumes!;

    private async Task<CommandResult> RunAsync(Func<string, AgentCommand> command, string? policy = null)
    {
        if (_agent is null)
        {
            _agent = new RunningAgent(_data.Sub("agent"), _engine.Socket, _server, policy: policy);
            await _server.Seen.Until(seen => seen.Full);
        }

        return await _server.RunAsync(command($"command-{++_commands}"));
    }
}
