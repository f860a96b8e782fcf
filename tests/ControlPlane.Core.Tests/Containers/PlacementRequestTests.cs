using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Containers;

/// <summary>What a create asks the scheduler, and that the kept request asks the same again.</summary>
public sealed class PlacementRequestTests
{
    private static readonly ContainerCreateRequest Web = new()
    {
        Name = "web",
        Image = "busybox",
        Labels = new Dictionary<string, string> { ["tier"] = "front" },
        Constraints = ["node!=none"],
        Affinities = ["tier!=~front"],
        ReschedulePolicy = "on-node-failure",
        RescheduleWithVolumes = true,
        Mounts = [new MountRequest { Type = "volume", Source = "files", Target = "/files" }],
    };

    [Theory, DatabaseData]
    public async Task The_row_asks_the_same_question_again_and_the_intent_says_labels_and_policy(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        await world.CreateAsync(Web);
        var row = (await world.RowsAsync()).ShouldHaveSingleItem();

        var again = KeptRequest.ToPlacement(row, world.State.Contents);
        var kept = KeptRequest.Read(row.RequestJson);
        var intent = ContainerIntents.ToIntent(row);

        again.Affinities.ShouldHaveSingleItem().ToString().ShouldBe("tier!=~front");
        again.Constraints.ShouldHaveSingleItem().ToString().ShouldBe("node!=none");
        again.Labels["tier"].ShouldBe("front");
        again.Labels["controlplane.id"].ShouldBe(row.Id);
        again.Dependencies.ShouldBeEmpty("a volume that exists nowhere asks for nothing");
        (kept.Reschedule, kept.RescheduleWithVolumes).ShouldBe((ReschedulePolicy.OnNodeFailure, true));
        kept.Dependencies.ShouldBe([new Dependency(DependencyKind.Volume, "files")]);
        intent.Reschedule.ShouldBe(ReschedulePolicy.OnNodeFailure);
        intent.Labels!["tier"].ShouldBe("front");
    }

    [Fact]
    public void A_row_of_an_older_version_can_still_be_read()
    {
        var kept = KeptRequest.Read("""{"constraints":["zone==a"],"strategy":"spread","memoryBytes":1,"nanoCpus":2,"hostPorts":[],"furtherNetworks":[],"demand":{"memoryBytes":1,"nanoCpus":2,"hostPorts":[]}}""");

        kept.Affinities.ShouldBeEmpty();
        kept.Dependencies.ShouldBeEmpty();
        kept.Demand.GenericResources.ShouldBeEmpty();
        kept.Platform.ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task Only_volumes_that_exist_bind_a_container(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        Report(world, "n1", volumes: [Volume("files", "local"), Volume("shared", "nfs")]);

        Asks(world, Web).Dependencies.ShouldBe([new Dependency(DependencyKind.Volume, "files")]);
        Asks(world, Web with { Mounts = [Web.Mounts![0] with { Source = "shared" }] }).Dependencies.ShouldBeEmpty();

        world.State.Write(writer => writer.RemoveNode("n1", "test"));
        Asks(world, Web).Dependencies.ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_network_binds_where_it_is_local_and_is_refused_where_it_is_not(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        Report(world, "n1", networks: [Network("bridge", "local"), Network("back", "local"), Network("wide", "swarm")]);

        var request = Web with { Mounts = null };
        Asks(world, request with { NetworkMode = "back" }).Dependencies.ShouldBe([new Dependency(DependencyKind.Network, "back")]);
        Asks(world, request with { NetworkMode = "bridge" }).Dependencies.ShouldBeEmpty();
        Asks(world, request with { Networks = [new NetworkRequest { Name = "wide" }] }).Dependencies.ShouldBeEmpty();
        var refused = (await world.CreateAsync(request with { Networks = [new NetworkRequest { Name = "front" }] })).Error.ShouldBeOfType<ConflictError>();
        (refused.Code, refused.Message).ShouldBe(("dependency.not_found", "There is no network front on any node. Create it first."));
        (await world.RowsAsync()).ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_container_is_depended_on_by_name_or_cluster_id_and_engines_get_its_name(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        var db = (await world.CreateAsync(new ContainerCreateRequest { Name = "db", Image = "busybox" })).Value;
        var request = new ContainerCreateRequest { Name = "side", Image = "busybox" };

        Plan(world, request with { NetworkMode = "container:db" }).Spec.HostConfig!.NetworkMode.ShouldBe("container:db");
        var byId = Plan(world, request with { NetworkMode = $"container:{db.Id}", Links = null, VolumesFrom = [$"{db.Id}:ro"] });
        byId.Spec.HostConfig!.NetworkMode.ShouldBe("container:db");
        byId.Spec.HostConfig.VolumesFrom.ShouldBe(["db:ro"]);
        byId.Placement.Dependencies.ShouldContain(new Dependency(DependencyKind.Namespace, db.Id));
        ContainerPlan.From(ContainerAdmission.Admit(request with { Links = ["nobody"] }), "/Shared", ContainerWorld.Admin, world.State, world.Queries, world.Authorizer)
            .Error!.Message.ShouldBe("There is no container nobody to link to.");
        ContainerPlan.From(ContainerAdmission.Admit(request with { Links = ["db"] }), "/Shared", ContainerWorld.Stranger, world.State, world.Queries, world.Authorizer)
            .Error!.Message.ShouldBe("There is no container db to link to.", "what may not be seen does not exist");
    }

    [Theory, DatabaseData]
    public async Task The_platform_is_the_one_asked_for_or_that_of_the_image_on_any_node(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        world.AddNode("n2");

        Asks(world, Web).Platform.ShouldBeNull();
        Report(world, "n1", images: [Image("sha256:1", "busybox:latest", "amd64")]);
        Asks(world, Web with { Image = "docker.io/library/busybox" }).Platform.ShouldBe(new Platform("linux", "amd64"));
        Asks(world, Web with { Platform = "linux/s390x" }).Platform.ShouldBe(new Platform("linux", "s390x"));

        Report(world, "n2", images: [Image("sha256:2", "busybox:latest", "arm64")]);
        Asks(world, Web).Platform.ShouldBeNull("an image for several platforms goes anywhere");
        Report(world, "n2", images: []);
        Asks(world, Web).Platform.ShouldBe(new Platform("linux", "amd64"));
    }

    [Fact]
    public void Facts_of_a_node_carry_slots_contents_resources_health_and_overcommit()
    {
        var node = ContentFacts.With(
            Node() with
            {
                Labels = ImmutableSortedDictionary<string, string>.Empty.Add("containerslots", "3"),
                GenericResources = ImmutableSortedDictionary<string, long>.Empty.Add("gpu", 2),
                Health = 34,
            },
            [Image("sha256:1", "registry:5000/app:1", "amd64") with { Digests = ["registry:5000/app@sha256:2"] }],
            [Network("bridge", "local"), Network("back", "local"), Network("wide", "swarm")],
            [Volume("files", "local"), Volume("far", "nfs")]);

        var facts = PlacementFacts.Of(node, SchedulingSettings.Default with { OvercommitPercent = 50 });

        facts.ContainerSlots.ShouldBe(3);
        facts.GenericResources["gpu"].ShouldBe(2);
        facts.Health.ShouldBe(34);
        facts.Capacity.OvercommitPercent.ShouldBe(50);
        facts.Contents.Images.ShouldBe(["sha256:1", "registry:5000/app:1", "registry:5000/app", "registry:5000/app@sha256:2"], ignoreOrder: true);
        facts.Contents.Networks.ShouldBe(["back", "id-back"], ignoreOrder: true);
        facts.Contents.Volumes.ShouldBe(["files"]);
    }

    [Theory]
    [InlineData("x", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    [InlineData("0", 0)]
    public void A_slot_label_that_is_no_number_is_no_limit(string label, int? slots) =>
        PlacementFacts.Of(Node() with { Labels = ImmutableSortedDictionary<string, string>.Empty.Add("containerslots", label) }, SchedulingSettings.Default)
            .ContainerSlots.ShouldBe(slots);

    [Theory, DatabaseData]
    public async Task The_clusters_strategy_and_overcommit_hold_for_new_placements(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        var large = new ContainerCreateRequest { Name = "large", Image = "busybox", Resources = new ResourcesRequest { MemoryBytes = 3L << 29 } };
        (await world.CreateAsync(large)).Error.ShouldBeOfType<PlacementError>();

        world.State.Write(writer => writer.Put(new SchedulingSettings("spread", 50, 1)));

        (await world.CreateAsync(large)).IsSuccess.ShouldBeTrue();
        world.State.Current.Scheduling.OvercommitPercent.ShouldBe(50);
    }

    [Theory, DatabaseData]
    public async Task What_containers_reserve_is_counted_on_their_node(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        world.State.Write(writer => writer.Put(writer.Node("n1")! with { GenericResources = ImmutableSortedDictionary<string, long>.Empty.Add("gpu", 2) }));
        var created = await world.CreateAsync(new ContainerCreateRequest
        {
            Image = "busybox",
            Resources = new ResourcesRequest { MemoryBytes = 1 << 24, NanoCpus = 500_000_000, Generic = new Dictionary<string, long> { ["gpu"] = 1 } },
        });

        var reserved = world.State.Current.Node("n1")!.Reserved;
        (reserved.MemoryBytes, reserved.NanoCpus, reserved.Generic["gpu"]).ShouldBe((1 << 24, 500_000_000, 1));
        world.State.Write(writer => writer.RemoveContainer(created.Value.Id, "test"));
        var left = world.State.Current.Node("n1")!.Reserved;
        (left.MemoryBytes, left.NanoCpus, left.Generic.Count).ShouldBe((0, 0, 0));
    }

    private static ContainerPlan Plan(ContainerWorld world, ContainerCreateRequest request)
    {
        var plan = ContainerPlan.From(ContainerAdmission.Admit(request), "/Shared", ContainerWorld.Admin, world.State, world.Queries, world.Authorizer);
        plan.IsSuccess.ShouldBeTrue(plan.IsSuccess ? "" : plan.Error.Message);
        return plan.Value;
    }

    private static PlacementRequest Asks(ContainerWorld world, ContainerCreateRequest request) => Plan(world, request).Placement;

    private static void Report(
        ContainerWorld world, string node, IReadOnlyList<ImageReport>? images = null, IReadOnlyList<NetworkReport>? networks = null, IReadOnlyList<VolumeReport>? volumes = null) =>
        world.State.Write(writer => writer.Put(ContentFacts.With(writer.Node(node)!, images, networks, volumes)));

    private static ImageReport Image(string id, string tag, string architecture) =>
        new(id, [tag], [], 1, DateTime.UnixEpoch) { Os = "linux", Architecture = architecture };

    private static NetworkReport Network(string name, string scope) =>
        new("id-" + name, name, "bridge", scope, Internal: false, [], new Dictionary<string, string>(), DateTime.UnixEpoch);

    private static VolumeReport Volume(string name, string driver) => new(name, driver, "/v", new Dictionary<string, string>(), DateTime.UnixEpoch);

    private static NodeRecord Node() => new()
    {
        Id = "n1",
        Name = "n1",
        State = Core.State.NodeState.Ready,
        StateSince = DateTime.UnixEpoch,
        Availability = Core.State.NodeAvailability.Active,
        JoinedAt = DateTime.UnixEpoch,
        Revision = 1,
        Pulse = new NodePulse(),
    };
}
