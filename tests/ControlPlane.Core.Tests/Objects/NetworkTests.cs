using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Networks;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Engine.Networks;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Objects;

public sealed class NetworkTests
{
    [Theory, DatabaseData]
    public async Task A_network_is_made_on_the_node_with_the_fewest_containers_and_belongs_to_its_collection(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        await world.CreateAsync(new() { Name = "web", Image = "busybox" });
        world.AddNode("n2");
        await world.CollectionAsync("/team");

        var made = (await CreateAsync(services, ContainerWorld.Admin, "front", collection: "/team")).Value;

        made.FullName.ShouldBe("n2/front");
        var network = services.Networks.Get(ContainerWorld.Admin, "front").Value;
        (network.Report.Id, network.Collection, network.Owner).ShouldBe((made.Id, "/team", "admin"));
        services.Networks.Get(ContainerWorld.Admin, made.Id).Value.FullName.ShouldBe("n2/front");
        services.Networks.Get(ContainerWorld.Admin, made.Id[..8]).Value.FullName.ShouldBe("n2/front");
        services.Networks.Get(ContainerWorld.Admin, "n2/front").IsSuccess.ShouldBeTrue();
        services.Networks.Get(ContainerWorld.Admin, "n1/front").Error!.Code.ShouldBe("network.not_found");
        (await world.AuditAsync()).ShouldContain(entry => entry.Action == Permission.NetworksCreate && entry.ObjectId == made.Id && entry.Result == "ok");
        await using var db = world.Database.CreateDbContext();
        db.OwnedObjects.Single().NodeId.ShouldBe("n2");
    }

    [Theory, DatabaseData]
    public async Task A_name_is_taken_everywhere_also_while_it_is_being_made(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        world.AddNode("n2");

        var both = await Task.WhenAll(CreateAsync(services, ContainerWorld.Admin, "n1/front"), CreateAsync(services, ContainerWorld.Admin, "n2/front"));

        both.Count(result => result.IsSuccess).ShouldBe(1);
        both.Single(result => !result.IsSuccess).Error!.Code.ShouldBe("network.name_taken");
        (await CreateAsync(services, ContainerWorld.Admin, "bridge")).Error!.Code.ShouldBe("network.name_taken");
        (await CreateAsync(services, ContainerWorld.Admin, "")).Error.ShouldBeOfType<InvalidError>();
    }

    [Theory, DatabaseData]
    public async Task A_bare_built_in_name_is_ambiguous_and_the_nodes_are_listed(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1").Objects.Has(ScriptedObjects.Network("bridge"));
        world.AddNode("n2").Objects.Has(ScriptedObjects.Network("bridge"));

        var error = services.Networks.Get(ContainerWorld.Admin, "bridge").Error.ShouldBeOfType<ConflictError>();

        error.Code.ShouldBe("network.ambiguous");
        error.Message.ShouldContain("n1, n2");
        (await services.NetworkRemoval.RemoveAsync(ContainerWorld.Admin, "n1/bridge", default)).Error!.Code.ShouldBe("network.built_in");
    }

    [Theory, DatabaseData]
    public async Task What_belongs_to_others_is_not_there(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        await world.CollectionAsync("/a");
        await CreateAsync(services, ContainerWorld.Admin, "front", collection: "/a");
        var bob = await world.GrantAsync("bob", BuiltInRoles.FullControlId, "/Shared");

        services.Networks.Find(bob, "front").Error!.Code.ShouldBe("network.not_found");
        services.Networks.List(bob, null, new ListRequest()).Value.Items.ShouldBeEmpty();
        services.Nodes.Get(bob, "n1").Value.Networks.ShouldBe(0);
        services.Nodes.Get(ContainerWorld.Admin, "n1").Value.Networks.ShouldBe(1);
        (await services.NetworkRemoval.RemoveAsync(bob, "front", default)).Error!.Code.ShouldBe("network.not_found");
        (await CreateAsync(services, bob, "front")).Error!.Code.ShouldBe("network.name_taken");
        var refusals = await world.AdmitAsync(bob, AdmissionSetup.Host("\"NetworkMode\":\"front\""));
        refusals.ShouldHaveSingleItem().Rule.ShouldBe(Permission.NetworksConnect);
    }

    [Theory, DatabaseData]
    public async Task A_network_that_reaches_over_nodes_is_shown_once_and_has_one_owner(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        var other = world.AddNode("n2");
        await world.CollectionAsync("/a");

        var made = (await services.NetworkCreation.CreateAsync(
            ContainerWorld.Admin, new NetworkSpec { Name = "n1/wide", Driver = "overlay" }, "/a", AdmissionForm.Engine, CancellationToken.None)).Value;
        other.Objects.Has(ScriptedObjects.Network("wide", "swarm", made.Id));

        made.FullName.ShouldBe("wide");
        var network = services.Networks.All(ContainerWorld.Admin, new NetworkFilter()).Value.ShouldHaveSingleItem();
        (network.FullName, network.Collection).ShouldBe(("wide", "/a"));
        var bob = await world.GrantAsync("bob", BuiltInRoles.FullControlId, "/Shared");
        services.Networks.All(bob, new NetworkFilter()).Value.ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task The_engines_refusal_is_passed_on(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1").Script = command =>
            new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "engine.refused", EngineStatus = 503, Message = "This node is not a swarm manager." };

        var error = (await CreateAsync(services, ContainerWorld.Admin, "wide")).Error.ShouldBeOfType<EngineError>();

        error.EngineStatus.ShouldBe(503);
        error.Message.ShouldBe("n1: This node is not a swarm manager.");
        (await world.AuditAsync())[^1].Result.ShouldBe("failed");
        world.Ownership.All(new("network", "wide")).ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_container_joins_the_network_of_its_node_and_leaves_it(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        var agent = world.AddNode("n1");
        await world.CreateAsync(new() { Name = "web", Image = "busybox" });
        agent.Objects.Has(ScriptedObjects.Network("bridge"));
        world.AddNode("n2").Objects.Has(ScriptedObjects.Network("bridge"));
        await CreateAsync(services, ContainerWorld.Admin, "n2/far");

        (await services.NetworkJoins.ConnectAsync(ContainerWorld.Admin, "bridge", new NetworkConnectSpec { Container = "web" }, AdmissionForm.Engine, default)).IsSuccess.ShouldBeTrue();
        (await services.NetworkJoins.DisconnectAsync(
            ContainerWorld.Admin, "bridge", new NetworkDisconnectSpec { Container = "web", Force = true }, AdmissionForm.Engine, default)).IsSuccess.ShouldBeTrue();

        var connect = agent.Received.OfType<ConnectNetwork>().Single();
        connect.EngineId.ShouldBe(agent.Engine.Keys.Single());
        connect.NetworkId.ShouldBe(services.Networks.Get(ContainerWorld.Admin, "n1/bridge").Value.Report.Id);
        agent.Received.OfType<DisconnectNetwork>().Single().Force.ShouldBeTrue();
        (await services.NetworkJoins.ConnectAsync(ContainerWorld.Admin, "far", new NetworkConnectSpec { Container = "web" }, AdmissionForm.Engine, default))
            .Error!.Code.ShouldBe("network.other_node");
        (await services.NetworkJoins.ConnectAsync(ContainerWorld.Admin, "far", new NetworkConnectSpec(), AdmissionForm.Engine, default)).Error.ShouldBeOfType<InvalidError>();
        (await world.AuditAsync()).Count(entry => entry.Action is Permission.NetworksConnect or Permission.NetworksDisconnect && entry.Result == "ok").ShouldBe(2);
    }

    [Theory, DatabaseData]
    public async Task Who_may_not_join_is_refused_on_both_sides(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        world.AddNode("n1");
        await world.CreateAsync(new() { Name = "web", Image = "busybox" });
        await CreateAsync(services, ContainerWorld.Admin, "front");
        var viewer = await world.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/Shared");

        (await services.NetworkJoins.ConnectAsync(viewer, "front", new NetworkConnectSpec { Container = "web" }, AdmissionForm.Engine, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await services.NetworkJoins.DisconnectAsync(viewer, "front", new NetworkDisconnectSpec { Container = "web" }, AdmissionForm.Engine, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await services.NetworkRemoval.RemoveAsync(viewer, "front", default)).Error.ShouldBeOfType<ForbiddenError>();
    }

    [Theory, DatabaseData]
    public async Task A_prune_takes_networks_without_containers_and_no_built_in_one(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var services = new ObjectServices(world);
        var agent = world.AddNode("n1");
        agent.Objects.Has(ScriptedObjects.Network("bridge"));
        agent.Objects.Has(ScriptedObjects.Network("idle"));
        agent.Objects.Has(ScriptedObjects.Network("busy"));
        world.State.Write(writer => writer.Put(new ContainerRecord
        {
            Id = new string('c', 64), NodeId = "n1", Name = "user", Image = "i", Collection = Collections.Unmanaged, CreatedAt = DateTime.UnixEpoch, Pulse = new ContainerPulse(),
            Observed = new ContainerReport
            {
                EngineId = new string('c', 64), Name = "user", Image = "i", ImageId = "sha256:1", Command = "", CreatedAt = DateTime.UnixEpoch, State = "running",
                Endpoints = new Dictionary<string, EndpointReport> { ["busy"] = new("", "", "", "", 0, "", []) },
            },
        }));

        (await services.NetworkRemoval.PruneAsync(ContainerWorld.Admin, new NetworkFilter { Until = DateTime.UnixEpoch }, default)).Value.ShouldBeEmpty();
        (await services.NetworkRemoval.PruneAsync(ContainerWorld.Admin, new NetworkFilter(), default)).Value.ShouldBe(["n1/idle"]);

        services.Networks.All(ContainerWorld.Admin, new NetworkFilter { BuiltIn = true }).Value.Select(network => network.FullName).ShouldBe(["n1/bridge"]);
        services.Networks.All(ContainerWorld.Admin, new NetworkFilter { Dangling = false }).Value.Select(network => network.FullName).ShouldBe(["n1/busy"]);
    }

    private static Task<Result<NetworkCreated>> CreateAsync(ObjectServices services, Caller caller, string name, string? collection = null) =>
        services.NetworkCreation.CreateAsync(caller, new NetworkSpec { Name = name }, collection, AdmissionForm.Engine, CancellationToken.None);
}
