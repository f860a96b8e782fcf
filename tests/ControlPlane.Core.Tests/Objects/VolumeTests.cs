using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Core.Volumes;
using ControlPlane.Engine.Volumes;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Objects;

public sealed class VolumeTests
{
    [Theory, DatabaseData]
    public async Task A_bare_name_is_made_on_every_node_and_belongs_to_its_collection_also_after_a_restart(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        world.AddNode("n2");
        await world.CollectionAsync("/team");

        var made = (await CreateAsync(services, ContainerWorld.Admin, "data", collection: "/team")).Value;

        made.Nodes.ShouldBe(["n1", "n2"]);
        var found = services.Volumes.All(ContainerWorld.Admin, new VolumeFilter()).Value;
        found.Select(volume => volume.FullName).ShouldBe(["n1/data", "n2/data"]);
        found.ShouldAllBe(volume => volume.Collection == "/team" && volume.Owner == "admin");
        found[0].Report.Labels["controlplane.collection"].ShouldBe("/team");
        (await world.AuditAsync()).Count(entry => entry.Action == Permission.VolumesCreate && entry.Result == "ok").ShouldBe(2);

        await using var db = world.Database.CreateDbContext();
        db.OwnedObjects.Select(row => row.NodeId).Order().ToList().ShouldBe(["n1", "n2"]);
        db.OwnedObjects.Select(row => row.Collection).Distinct().ToList().ShouldBe(["/team"]);
    }

    [Theory, DatabaseData]
    public async Task A_node_before_the_name_and_labels_choose_where_it_is_made(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        world.AddNode("n2");
        world.AddNode("n3");
        Dictionary<string, string> white = new() { ["com.docker.swarm.whitelists"] = "[\"node==n1|n3\"]" };
        Dictionary<string, string> constraint = new() { ["com.docker.swarm.constraints"] = "[\"node==n9\"]" };

        (await CreateAsync(services, ContainerWorld.Admin, "n2/one")).Value.Nodes.ShouldBe(["n2"]);
        (await CreateAsync(services, ContainerWorld.Admin, "two", white)).Value.Nodes.ShouldBe(["n1", "n3"]);
        (await CreateAsync(services, ContainerWorld.Admin, "three", constraint)).Error.ShouldBeOfType<PlacementError>();
        (await CreateAsync(services, ContainerWorld.Admin, "n9/four")).Error!.Code.ShouldBe("node.not_found");
        (await CreateAsync(services, ContainerWorld.Admin, "../five")).Error.ShouldBeOfType<NotFoundError>();
        (await CreateAsync(services, ContainerWorld.Admin, "x")).Error.ShouldBeOfType<InvalidError>();
    }

    [Theory, DatabaseData]
    public async Task A_volume_without_a_name_gets_one_for_all_its_nodes(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        world.AddNode("n2");

        var made = (await CreateAsync(services, ContainerWorld.Admin, null)).Value;

        made.Name.Length.ShouldBe(64);
        services.Volumes.Find(ContainerWorld.Admin, made.Name).Value.Count.ShouldBe(2);
        services.Volumes.Get(ContainerWorld.Admin, made.Name).Value.Node.Name.ShouldBe("n1");
        services.Volumes.Get(ContainerWorld.Admin, "n1/" + made.Name).IsSuccess.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task A_node_that_fails_is_told_and_the_others_have_it(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        world.AddNode("n2").Script = command =>
            new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "engine.refused", EngineStatus = 500, Message = "disk full" };

        var made = (await CreateAsync(services, ContainerWorld.Admin, "data")).Value;

        made.Nodes.ShouldBe(["n1"]);
        made.Failures.ShouldHaveSingleItem().ShouldContain("n2: disk full");
        (await world.AuditAsync()).ShouldContain(entry => entry.Result == "failed" && entry.Detail!.Contains("disk full"));
    }

    [Theory, DatabaseData]
    public async Task Nobody_takes_a_volume_over_by_making_it_again(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        await world.CollectionAsync("/a");
        await world.CollectionAsync("/b");
        await world.GrantAsync("ann", BuiltInRoles.FullControlId, "/a");
        var ann = await world.GrantAsync("ann", BuiltInRoles.SchedulerId, "/Shared");
        await world.GrantAsync("bob", BuiltInRoles.FullControlId, "/b");
        var bob = await world.GrantAsync("bob", BuiltInRoles.SchedulerId, "/Shared");
        (await CreateAsync(services, ann, "data", collection: "/a")).IsSuccess.ShouldBeTrue();

        (await CreateAsync(services, bob, "data", collection: "/b")).Error!.Code.ShouldBe("volume.name_taken");

        services.Volumes.Find(bob, "data").Error!.Code.ShouldBe("volume.not_found");
        services.Volumes.All(bob, new VolumeFilter()).Value.ShouldBeEmpty();
        services.Volumes.List(bob, null, new ListRequest()).Value.Items.ShouldBeEmpty();
        (await services.VolumeRemoval.RemoveAsync(bob, "data", true, default)).Error!.Code.ShouldBe("volume.not_found");
        (await CreateAsync(services, ann, "data", collection: "/a")).IsSuccess.ShouldBeTrue("what is there is the answer for its own people");
        services.Volumes.Get(ann, "data").Value.Collection.ShouldBe("/a");
    }

    [Theory, DatabaseData]
    public async Task A_container_may_mount_only_volumes_that_its_maker_may_use(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        await world.CollectionAsync("/a");
        await CreateAsync(services, ContainerWorld.Admin, "data", collection: "/a");
        var bob = await world.GrantAsync("bob", BuiltInRoles.FullControlId, "/Shared");
        var spec = AdmissionSetup.Host("\"Binds\":[\"data:/d\"],\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"data\",\"Target\":\"/e\"}]");

        var refusals = await world.AdmitAsync(bob, spec);

        refusals.Select(refusal => refusal.Field).ShouldBe(["HostConfig.Binds[0]", "HostConfig.Mounts[0].Source"], ignoreOrder: true);
        refusals.ShouldAllBe(refusal => refusal.Rule == Permission.VolumesUse && !refusal.Message.Contains("/a"));
        (await world.AdmitAsync(ContainerWorld.Admin, spec)).ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_bare_name_is_removed_from_all_nodes_and_its_rows_go(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        world.AddNode("n2");
        await CreateAsync(services, ContainerWorld.Admin, "data");

        (await services.VolumeRemoval.RemoveAsync(ContainerWorld.Admin, "n1/data", false, default)).IsSuccess.ShouldBeTrue();
        services.Volumes.Get(ContainerWorld.Admin, "data").Value.Node.Name.ShouldBe("n2");
        (await services.VolumeRemoval.RemoveAsync(ContainerWorld.Admin, "data", false, default)).IsSuccess.ShouldBeTrue();

        services.Volumes.Find(ContainerWorld.Admin, "data").Error.ShouldBeOfType<NotFoundError>();
        await using var db = world.Database.CreateDbContext();
        db.OwnedObjects.ShouldBeEmpty();
        (await world.AuditAsync()).Count(entry => entry.Action == Permission.VolumesRemove && entry.Result == "ok").ShouldBe(2);
    }

    [Theory, DatabaseData]
    public async Task Who_sees_a_volume_and_may_not_remove_it_is_refused(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        await CreateAsync(services, ContainerWorld.Admin, "data");
        var viewer = await world.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/Shared");

        (await services.VolumeRemoval.RemoveAsync(viewer, "data", false, default)).Error.ShouldBeOfType<ForbiddenError>();

        (await world.AuditAsync()).ShouldContain(entry => entry.Result == "refused" && entry.ObjectName == "n1/data");
    }

    [Theory, DatabaseData]
    public async Task A_prune_takes_what_nobody_uses_and_named_ones_only_when_asked(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        var agent = world.AddNode("n1");
        agent.Objects.Has(ScriptedObjects.Volume("named"));
        agent.Objects.Has(ScriptedObjects.Volume("used"));
        agent.Objects.Has(ScriptedObjects.Volume(new string('a', 64)));
        agent.Objects.Has(ScriptedObjects.Volume("kept", new Dictionary<string, string> { ["keep"] = "" }));
        Use(world, "used");

        (await services.VolumeRemoval.PruneAsync(ContainerWorld.Admin, new VolumeFilter(), all: false, default)).Value.ShouldBe(["n1/" + new string('a', 64)]);
        (await services.VolumeRemoval.PruneAsync(ContainerWorld.Admin, new VolumeFilter { Labels = new LabelFilters([], ["keep"]) }, all: true, default)).Value.ShouldBe(["n1/named"]);

        services.Volumes.All(ContainerWorld.Admin, new VolumeFilter { Dangling = true }).Value.Select(volume => volume.Report.Name).ShouldBe(["kept"]);
        services.Volumes.All(ContainerWorld.Admin, new VolumeFilter { Dangling = false }).Value.Select(volume => volume.Report.Name).ShouldBe(["used"]);
    }

    [Theory, DatabaseData]
    public async Task A_new_container_gives_the_volumes_it_brings_to_its_collection(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        var agent = world.AddNode("n1");
        await world.CollectionAsync("/team");
        agent.Objects.Has(ScriptedObjects.Volume("old"));
        agent.Script = command =>
        {
            var result = agent.Do(command);
            if (command is not CreateContainer)
            {
                return result;
            }

            agent.Objects.Has(ScriptedObjects.Volume("fresh"));
            return result with { Container = result.Container! with { MountPoints = [Mount("fresh"), Mount("old")] } };
        };

        (await world.CreateAsync(new() { Name = "web", Image = "busybox", Collection = "/team" })).IsSuccess.ShouldBeTrue();

        await ContainerWorld.UntilAsync(() => services.Volumes.Get(ContainerWorld.Admin, "fresh").Value.Collection == "/team");
        services.Volumes.Get(ContainerWorld.Admin, "fresh").Value.Owner.ShouldBe("admin");
        services.Volumes.Get(ContainerWorld.Admin, "old").Value.Collection.ShouldBe("/Shared");
    }

    private static MountReport Mount(string name) => new("volume", name, "", "/" + name, "local", "", true, "");

    private static void Use(ContainerWorld world, string volume) => world.State.Write(writer => writer.Put(new ContainerRecord
    {
        Id = new string('c', 64), NodeId = "n1", Name = "user", Image = "i", Collection = Collections.Unmanaged, CreatedAt = DateTime.UnixEpoch, Pulse = new ContainerPulse(),
        Observed = new ContainerReport
        {
            EngineId = new string('c', 64), Name = "user", Image = "i", ImageId = "sha256:1", Command = "", CreatedAt = DateTime.UnixEpoch, State = "exited",
            MountPoints = [Mount(volume)],
        },
    }));

    private static Task<Result<VolumeCreated>> CreateAsync(
        ObjectServices services, Caller caller, string? name, IReadOnlyDictionary<string, string>? labels = null, string? collection = null) =>
        services.VolumeCreation.CreateAsync(caller, new VolumeSpec { Name = name, Labels = labels }, collection, AdmissionForm.Engine, CancellationToken.None);
}
