using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Networks;
using ControlPlane.Engine.Volumes;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>Update, exec, commit, build, volumes, networks.</summary>
public sealed class OtherDoorTests
{
    private static readonly ContainerCreateRequest Web = new() { Name = "web", Image = "busybox:1", User = "1000", Resources = new ResourcesRequest { MemoryBytes = 10_000_000 } };

    [Fact]
    public async Task An_update_is_checked_with_what_it_results_in_and_changes_nothing_when_refused()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        var agent = world.AddNode("n1");
        await world.CollectionAsync("/tight", new CollectionPolicy { MaxMemoryBytes = 20_000_000 });
        var id = (await world.CreateAsync(Web with { Name = "tight", Collection = "/tight" })).Value.Id;
        var before = agent.Received.Count;

        var refused = await world.Changes.UpdateAsync(ContainerWorld.Admin, id, new ContainerUpdateRequest { MemoryBytes = 30_000_000 }, ContainerChanges.AnyRevision, default);

        AdmissionSetup.NotAdmitted(refused.Error).Fields.ShouldHaveSingleItem().Field.ShouldBe("memoryBytes");
        agent.Received.Count.ShouldBe(before);
        (await world.AuditAsync())[^1].Detail!.ShouldBe("HostConfig.Memory: maxMemoryBytes (policy of /tight)");
        (await world.Changes.UpdateAsync(ContainerWorld.Admin, id, new ContainerUpdateRequest { MemoryBytes = 15_000_000 }, ContainerChanges.AnyRevision, default)).IsSuccess.ShouldBeTrue();
        (await world.RowsAsync()).Single(row => row.Id == id).SpecJson.ShouldContain("\"Memory\":15000000", customMessage: "a move makes it as it is now");
    }

    [Fact]
    public async Task What_an_update_does_not_touch_is_not_held_against_it()
    {
        await using var world = await WorldAsync();
        await world.GrantAsync("carol", BuiltInRoles.RestrictedControlId, "/Shared");
        var before = AdmissionSetup.Host("\"Privileged\":true,\"Memory\":1");
        var carol = AdmissionSetup.User("carol");

        world.Check.Update(carol, "/Shared", before, new UpdateSpec { Memory = 5 }).ShouldBeEmpty();
        world.Check.Update(carol, "/Shared", before, new UpdateSpec { Devices = [new DeviceMapping()], OomKillDisable = true, CgroupParent = "/x", Ulimits = [new Ulimit()] })
            .Select(refusal => refusal.Field).ShouldBe(["HostConfig.Devices[0]", "HostConfig.OomKillDisable", "HostConfig.CgroupParent", "HostConfig.Ulimits[0]"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_limit_is_not_passed_by_saying_it_in_another_way()
    {
        await using var world = await WorldAsync();
        await world.CollectionAsync("/tight", new CollectionPolicy { MaxNanoCpus = 500_000_000 });
        var before = AdmissionSetup.Host("\"CpuQuota\":50000,\"CpuPeriod\":100000");

        world.Check.Update(ContainerWorld.Admin, "/tight", before, new UpdateSpec { CpuPeriod = 10_000 }).ShouldHaveSingleItem().Field.ShouldBe("HostConfig.CpuQuota");
        world.Check.Update(ContainerWorld.Admin, "/tight", before, new UpdateSpec { CpuPeriod = 200_000 }).ShouldBeEmpty();
    }

    [Fact]
    public async Task Exec_needs_its_right_and_one_more_as_root_or_privileged()
    {
        await using var world = await WorldAsync();
        var exec = new ExecAdmission(world.Queries, world.Gate, world.Refusals, world.Check, world.Shared);
        var viewer = await world.GrantAsync("viewer", BuiltInRoles.RestrictedControlId, "/Shared");
        var runner = await world.GrantAsync("runner", await world.RoleAsync("exec", [.. AdmissionSetup.Restricted, Permission.ContainersExec]), "/Shared");
        var root = await world.GrantAsync("root", await world.RoleAsync("root", [.. AdmissionSetup.Restricted, Permission.ContainersExec, Permission.HostExecAsRoot]), "/Shared");
        var sh = new ExecSpec { Cmd = ["sh"] };

        (await Check(viewer, "web", sh)).ShouldBe("access.denied");
        (await Check(AdmissionSetup.User("stranger"), "web", sh)).ShouldBe("container.not_found");
        (await Check(runner, "web", sh)).ShouldBeNull("the container's own user is 1000");
        (await Check(runner, "no-user", sh)).ShouldBe("admission.refused", "nobody knows who the image's user is");
        (await Check(runner, "no-user", sh with { User = "1000" })).ShouldBeNull();
        (await Check(runner, "web", sh with { User = "root" })).ShouldBe("admission.refused");
        (await Check(runner, "web", sh with { Privileged = true })).ShouldBe("admission.refused");
        (await Check(root, "no-user", sh with { Privileged = true })).ShouldBeNull();
        (await world.AuditAsync()).Count(entry => entry.Action == Permission.ContainersExec && entry.Result == AuditTrail.Refused).ShouldBe(4);

        async Task<string?> Check(Caller caller, string name, ExecSpec spec) => (await exec.CheckAsync(caller, name, spec, AdmissionForm.Engine, default)).Error?.Code;
    }

    [Fact]
    public async Task Where_nobody_is_root_no_command_is()
    {
        await using var world = await WorldAsync();
        await world.CollectionAsync("/tight", new CollectionPolicy { RequireNonRoot = true });
        (await world.CreateAsync(Web with { Name = "tight", Collection = "/tight" })).IsSuccess.ShouldBeTrue();
        var exec = new ExecAdmission(world.Queries, world.Gate, world.Refusals, world.Check, world.Shared);

        var error = (await exec.CheckAsync(ContainerWorld.Admin, "tight", new ExecSpec { User = "0" }, AdmissionForm.Engine, default)).Error;

        AdmissionSetup.NotAdmitted(error).Message.ShouldContain("policy of /tight");
        (await exec.CheckAsync(ContainerWorld.Admin, "tight", new ExecSpec(), AdmissionForm.Engine, default)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_commit_is_of_containers_one_may_commit_and_sets_no_reserved_label()
    {
        await using var world = await WorldAsync();
        var commit = new CommitAdmission(world.Queries, world.Gate, world.Refusals);
        var full = await world.GrantAsync("full", BuiltInRoles.FullControlId, "/Shared");
        var restricted = await world.GrantAsync("restricted", BuiltInRoles.RestrictedControlId, "/Shared");
        var spec = new CommitSpec { Container = "web", Repo = "x" };

        (await Check(full, spec)).ShouldBeNull();
        (await Check(restricted, spec)).ShouldBe("access.denied");
        (await Check(AdmissionSetup.User("stranger"), spec)).ShouldBe("container.not_found");
        (await Check(full, spec with { Changes = "CMD sh\nlabel controlplane.id=1" })).ShouldBe("admission.refused");
        (await Check(full, spec with { Config = AdmissionSetup.Spec("""{"Labels":{"controlplane.id":"1"}}""") })).ShouldBe("admission.refused");
        (await Check(full, spec with { Config = AdmissionSetup.Host("\"Privileged\":true") })).ShouldBe("request.invalid");

        async Task<string?> Check(Caller caller, CommitSpec of) => (await commit.CheckAsync(caller, of, AdmissionForm.Engine, default)).Error?.Code;
    }

    [Fact]
    public async Task Builds_volumes_and_networks_need_their_right_and_those_of_the_host()
    {
        await using var world = await WorldAsync();
        var build = new BuildAdmission(world.Choice, world.Gate, world.Refusals, world.Check);
        var volume = new VolumeAdmission(world.Choice, world.Gate, world.Refusals, world.Check);
        var network = new NetworkAdmission(world.Choice, world.Gate, world.Refusals, world.Check, world.Queries, world.Shared);
        var builder = await world.GrantAsync("builder", await world.RoleAsync("builder", [.. AdmissionSetup.Restricted, Permission.ImagesBuild]), "/Shared");
        var viewer = await world.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/Shared");
        var full = await world.GrantAsync("full", BuiltInRoles.FullControlId, "/Shared");

        foreach (var (harmless, reaching) in new (Func<Caller, Task<Result<string>>>, Func<Caller, Task<Result<string>>>)[]
        {
            (c => build.CheckAsync(c, null, new BuildSpec(), AdmissionForm.Engine, default), c => build.CheckAsync(c, null, new BuildSpec { NetworkMode = "host" }, AdmissionForm.Engine, default)),
            (c => volume.CheckAsync(c, null, new VolumeSpec { Name = "v1" }, AdmissionForm.Engine, default), c => volume.CheckAsync(c, null, SpecSamples.Volume("o", "bind"), AdmissionForm.Engine, default)),
            (c => network.CheckAsync(c, null, new NetworkSpec { Name = "n1" }, AdmissionForm.Engine, default), c => network.CheckAsync(c, null, new NetworkSpec { Driver = "macvlan" }, AdmissionForm.Engine, default)),
        })
        {
            (await harmless(builder)).Value.ShouldBe("/Shared");
            (await harmless(viewer)).Error!.Code.ShouldBe("access.denied");
            AdmissionSetup.NotAdmitted((await reaching(builder)).Error);
            (await reaching(full)).IsSuccess.ShouldBeTrue();
        }

        AdmissionSetup.NotAdmitted((await volume.CheckAsync(full, null, new VolumeSpec { Labels = new Dictionary<string, string> { ["controlplane.x"] = "1" } }, AdmissionForm.Engine, default)).Error);
        AdmissionSetup.NotAdmitted((await volume.CheckAsync(ContainerWorld.Admin, "/nowhere", new VolumeSpec(), AdmissionForm.Engine, default)).Error);
    }

    [Fact]
    public async Task Joining_a_network_needs_the_right_where_the_container_is_too()
    {
        await using var world = await WorldAsync();
        await world.CollectionAsync("/other");
        var network = new NetworkAdmission(world.Choice, world.Gate, world.Refusals, world.Check, world.Queries, world.Shared);
        var carol = await world.GrantAsync("carol", BuiltInRoles.RestrictedControlId, "/Shared");
        var dave = await world.GrantAsync("dave", BuiltInRoles.RestrictedControlId, "/other");
        await world.GrantAsync("dave", BuiltInRoles.ViewOnlyId, "/Shared");
        var join = new NetworkConnectSpec { Container = "web" };

        (await Check(carol, "front", "/Shared", join)).ShouldBeNull();
        (await Check(carol, "front", "/other", join)).ShouldBe("access.denied");
        (await Check(dave, "front", "/other", join)).ShouldBe("access.denied");
        (await Check(carol, "host", "/Shared", join)).ShouldBe("admission.refused");
        (await Check(carol, "front", "/Shared", join with { EndpointConfig = new EndpointSettings { Links = ["nobody:x"] } })).ShouldBe("admission.refused");
        (await Check(carol, "front", "/Shared", join with { Container = "nobody" })).ShouldBe("container.not_found");

        async Task<string?> Check(Caller caller, string name, string collection, NetworkConnectSpec spec) =>
            (await network.ConnectAsync(caller, name, collection, spec, AdmissionForm.Engine, default)).Error?.Code;
    }

    private static async Task<ContainerWorld> WorldAsync()
    {
        var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue();
        (await world.CreateAsync(Web with { Name = "no-user", User = null })).IsSuccess.ShouldBeTrue();
        return world;
    }
}
