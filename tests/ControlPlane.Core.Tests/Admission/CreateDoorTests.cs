using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Placement.Simulation;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>Admission on the way of a create by REST: create, dry run, simulation.</summary>
public sealed class CreateDoorTests
{
    private static readonly ContainerCreateRequest Web = new() { Name = "web", Image = "busybox:1.36", Command = ["sh"] };

    [Theory, DatabaseData]
    public async Task A_refusal_names_every_field_leaves_an_audit_entry_and_changes_nothing(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        var caller = await RestrictedAsync(world);
        var request = Web with { Privileged = true, CapAdd = ["NET_ADMIN"], Mounts = [new MountRequest { Type = "bind", Source = "/etc", Target = "/e" }], NetworkMode = "host" };

        var error = AdmissionSetup.NotAdmitted((await world.Creation.CreateAsync(caller, request, TimeSpan.FromSeconds(5), default)).Error);

        error.Fields.Select(field => field.Field).ShouldBe(["privileged", "capAdd[0]", "mounts[0].source", "networkMode"], ignoreOrder: true);
        agent.Received.ShouldBeEmpty();
        (await world.RowsAsync()).ShouldBeEmpty();
        var entry = (await world.AuditAsync()).ShouldHaveSingleItem();
        (entry.Action, entry.Result, entry.ActorName).ShouldBe((Permission.ContainersCreate, AuditTrail.Refused, "carol"));
        entry.Detail!.ShouldContain("HostConfig.Privileged: host.privileged");
        entry.Detail!.ShouldContain("HostConfig.Mounts[0].Source: host.mounts");
    }

    [Fact]
    public async Task Dry_run_and_simulation_refuse_the_same()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        var caller = await RestrictedAsync(world);
        var request = Web with { Privileged = true };

        AdmissionSetup.NotAdmitted((await world.Creation.PlanAsync(caller, request, default)).Error).Fields.ShouldHaveSingleItem().Field.ShouldBe("privileged");
        var simulation = new PlacementSimulation(world.Gate, world.Authorizer, world.State, world.Admission, world.Database);
        var asked = new SimulationRequest { Requests = [new SimulatedCreate { Request = Web }, new SimulatedCreate { Request = request }] };
        AdmissionSetup.NotAdmitted((await simulation.RunAsync(caller, asked, default)).Error).Fields.ShouldHaveSingleItem().Field.ShouldBe("requests[1].request.privileged");
        (await world.AuditAsync()).Count(entry => entry.Result == AuditTrail.Refused).ShouldBe(2);
        (await simulation.RunAsync(caller, asked with { Requests = [new SimulatedCreate { Request = Web }] }, default)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_admitted_is_created()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        var caller = await RestrictedAsync(world);

        (await world.Creation.CreateAsync(caller, Web with { Ports = [new PortRequest { ContainerPort = 80, HostPort = 8080 }] }, TimeSpan.FromSeconds(10), default)).IsSuccess.ShouldBeTrue();
        (await world.RowsAsync()).ShouldHaveSingleItem().Collection.ShouldBe("/Shared");
    }

    [Theory]
    [InlineData("/nowhere", "collection.not_found")]
    [InlineData("/shared", "collection.not_found")]
    [InlineData("/System", "collection.system")]
    [InlineData("/System/x", "collection.system")]
    public async Task A_collection_that_is_not_there_or_is_the_systems_is_refused_to_administrators_too(string collection, string rule)
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        await world.CollectionAsync("/System/x");

        AdmissionSetup.NotAdmitted((await world.CreateAsync(Web with { Collection = collection })).Error).Fields.ShouldHaveSingleItem().Field.ShouldBe("collection");
        (await world.AuditAsync()).ShouldHaveSingleItem().Detail!.ShouldContain(rule);
    }

    [Fact]
    public async Task A_missing_collection_and_one_without_rights_answer_alike_to_whoever_has_none()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.CollectionAsync("/secret");
        var caller = await RestrictedAsync(world);

        var secret = (await world.Creation.CreateAsync(caller, Web with { Collection = "/secret" }, TimeSpan.Zero, default)).Error!;
        var missing = (await world.Creation.CreateAsync(caller, Web with { Collection = "/absent" }, TimeSpan.Zero, default)).Error!;

        (missing.Code, missing.Message.Replace("/absent", "/secret", StringComparison.Ordinal)).ShouldBe((secret.Code, secret.Message));
    }

    [Theory]
    [InlineData("prod", "/prod")]
    [InlineData("/prod", "/prod")]
    [InlineData("/prod/web", "/prod/web")]
    [InlineData("absent", null)]
    [InlineData("secret", null)]
    [InlineData("PROD", null)]
    [InlineData("", null)]
    [InlineData("/", null)]
    [InlineData("/prod/../secret", null)]
    [InlineData("/System", null)]
    public async Task The_label_of_ucp_is_a_preset_for_a_collection_that_is_there_and_allowed(string value, string? collection)
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        await world.CollectionAsync("/prod");
        await world.CollectionAsync("/prod/web");
        await world.CollectionAsync("/secret");
        var caller = await world.GrantAsync("carol", BuiltInRoles.RestrictedControlId, "/prod");
        await world.GrantAsync("carol", BuiltInRoles.SchedulerId, "/Shared");

        var created = await world.Creation.CreateAsync(caller, Web with { Labels = Labels("com.docker.ucp.access.label", value) }, TimeSpan.FromSeconds(10), default);

        if (collection is not null)
        {
            created.IsSuccess.ShouldBeTrue(created.Error?.Message);
            (await world.RowsAsync()).ShouldHaveSingleItem().Collection.ShouldBe(collection);
        }
        else
        {
            AdmissionSetup.NotAdmitted(created.Error).Fields.ShouldHaveSingleItem().Field.ShouldBe("labels[\"com.docker.ucp.access.label\"]");
            (await world.RowsAsync()).ShouldBeEmpty();
            (await world.AuditAsync()).ShouldHaveSingleItem().Result.ShouldBe(AuditTrail.Refused);
        }
    }

    [Fact]
    public async Task Label_and_collection_must_agree()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        await world.CollectionAsync("/prod");
        var request = Web with { Labels = Labels("com.docker.ucp.access.label", "prod") };

        AdmissionSetup.NotAdmitted((await world.CreateAsync(request with { Collection = "/Shared" })).Error);
        (await world.CreateAsync(request with { Collection = "/prod" })).IsSuccess.ShouldBeTrue();
    }

    [Theory]
    [InlineData("com.docker.ucp.access.owner")]
    [InlineData("com.docker.ucp.collection")]
    [InlineData("COM.DOCKER.UCP.access.label")]
    public async Task Other_labels_of_ucp_are_refused_to_everybody(string label)
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");

        AdmissionSetup.NotAdmitted((await world.CreateAsync(Web with { Labels = Labels(label, "x") })).Error).Fields.ShouldHaveSingleItem().Field.ShouldBe($"labels[\"{label}\"]");
        (await world.AdmitAsync(ContainerWorld.Admin, AdmissionSetup.Spec("""{"Image":"x1","Labels":{"ControlPlane.id":"1"}}"""))).ShouldHaveSingleItem().Rule.ShouldBe("label.reserved");
    }

    [Fact]
    public async Task Without_a_collection_it_is_the_callers_default()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        await world.CollectionAsync("/team");
        var caller = await world.GrantAsync("carol", BuiltInRoles.RestrictedControlId, "/team") with { DefaultCollection = "/team" };
        await world.GrantAsync("carol", BuiltInRoles.SchedulerId, "/Shared");

        (await world.Creation.CreateAsync(caller, Web, TimeSpan.FromSeconds(10), default)).IsSuccess.ShouldBeTrue();
        (await world.RowsAsync()).ShouldHaveSingleItem().Collection.ShouldBe("/team");
    }

    [Theory]
    [InlineData(Permission.ImagesPull, "Image")]
    [InlineData(Permission.VolumesUse, "HostConfig.Mounts[0].Source", "HostConfig.Binds[0]")]
    [InlineData(Permission.NetworksConnect, "NetworkingConfig.EndpointsConfig[\"front\"]", "HostConfig.NetworkMode")]
    public async Task What_a_container_uses_needs_rights_of_its_own(string missing, params string[] fields)
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        var caller = await world.GrantAsync("carol", await world.RoleAsync("less", AdmissionSetup.Restricted.Except([missing])), "/Shared");
        var spec = AdmissionSetup.Spec("""
            {"Image":"busybox:1","HostConfig":{"NetworkMode":"back","Binds":["logs:/l","/anonymous"],"Mounts":[{"Type":"volume","Source":"data","Target":"/d"},{"Type":"volume","Target":"/e"}]},
             "NetworkingConfig":{"EndpointsConfig":{"front":{}}}}
            """);

        var refusals = await world.AdmitAsync(caller, spec);

        refusals.Select(refusal => refusal.Field).ShouldBe(fields, ignoreOrder: true);
        refusals.ShouldAllBe(refusal => refusal.Rule == missing);
        (await world.Check.CreateAsync(caller, "/Shared", AdmissionSetup.Host(""), mayPull: false, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_has_no_more_than_its_scope()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        var scoped = ContainerWorld.Admin with { Scope = new TokenScope(PermissionSet.Of(AdmissionSetup.Restricted), null) };

        (await world.AdmitAsync(scoped, AdmissionSetup.Host("\"Privileged\":true"))).ShouldHaveSingleItem().Rule.ShouldBe("host.privileged");
        (await world.AdmitAsync(scoped, AdmissionSetup.Host(""))).ShouldBeEmpty();
    }

    private static async Task<Caller> RestrictedAsync(ContainerWorld world)
    {
        await world.GrantAsync("carol", BuiltInRoles.SchedulerId, "/Shared");
        return await world.GrantAsync("carol", BuiltInRoles.RestrictedControlId, "/Shared");
    }

    private static Dictionary<string, string> Labels(string name, string value) => new() { [name] = value };
}
