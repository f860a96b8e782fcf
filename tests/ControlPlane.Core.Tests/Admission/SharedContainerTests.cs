using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>Containers that reach into other containers.</summary>
public sealed class SharedContainerTests
{
    public static TheoryData<string, string> Ways => new()
    {
        { "\"VolumesFrom\":[\"{0}:ro\"]", "HostConfig.VolumesFrom[0]" },
        { "\"NetworkMode\":\"container:{0}\"", "HostConfig.NetworkMode" },
        { "\"PidMode\":\"container:{0}\"", "HostConfig.PidMode" },
        { "\"IpcMode\":\"container:{0}\"", "HostConfig.IpcMode" },
        { "\"Links\":[\"{0}:db\"]", "HostConfig.Links[0]" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_unseen_is_the_absent_the_seen_needs_rights_ones_own_is_allowed(string members, string field)
    {
        await using var world = await WorldAsync();
        var caller = AdmissionSetup.User("carol");

        var unseen = (await AdmitAsync("secret-db")).ShouldHaveSingleItem();
        var absent = (await AdmitAsync("no-such-db")).ShouldHaveSingleItem();
        (unseen.Field, unseen.Rule).ShouldBe((field, "dependency.not_found"));
        unseen.Message.Replace("secret-db", "no-such-db", StringComparison.Ordinal).ShouldBe(absent.Message);

        var seen = (await AdmitAsync("seen-db")).ShouldHaveSingleItem();
        (seen.Field, seen.Rule).ShouldBe((field, Permission.ContainersCreate));
        (await AdmitAsync("own-db")).ShouldBeEmpty();
        var id = world.State.Current.AllContainers.Single(container => container.Name == "own-db").Id;
        (await AdmitAsync(id)).ShouldBeEmpty();
        (await AdmitAsync(id[..12])).ShouldHaveSingleItem("a prefix could be another container's name").Rule.ShouldBe("dependency.not_found");

        Task<IReadOnlyList<AdmissionRefusal>> AdmitAsync(string name) =>
            world.AdmitAsync(caller, AdmissionSetup.Host(members.Replace("{0}", name, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("\"NetworkMode\":\"container:host-net\"", "HostConfig.NetworkMode", Permission.HostNetwork)]
    [InlineData("\"NetworkMode\":\"container:behind-host-net\"", "HostConfig.NetworkMode", Permission.HostNetwork)]
    [InlineData("\"VolumesFrom\":[\"host-files\"]", "HostConfig.VolumesFrom[0]", Permission.HostMounts)]
    [InlineData("\"VolumesFrom\":[\"host-net\"]", null, null)]
    [InlineData("\"NetworkMode\":\"container:host-files\"", null, null)]
    public async Task What_one_shares_of_the_host_through_another_container_is_of_the_host(string members, string? field, string? permission)
    {
        await using var world = await WorldAsync();

        var refusals = await world.AdmitAsync(AdmissionSetup.User("carol"), AdmissionSetup.Host(members));

        string[] expected = field is null ? [] : [$"{field} {permission}"];
        refusals.Select(refusal => $"{refusal.Field} {refusal.Rule}").ShouldBe(expected);
        (await world.AdmitAsync(ContainerWorld.Admin, AdmissionSetup.Host(members))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_policy_that_forbids_the_hosts_network_forbids_it_through_another_container_too()
    {
        await using var world = await WorldAsync();
        await world.CollectionAsync("/strict", new CollectionPolicy { ForbiddenOptions = [Permission.HostNetwork] });

        var refusal = (await world.AdmitAsync(ContainerWorld.Admin, AdmissionSetup.Host("\"NetworkMode\":\"container:host-net\""), "/strict")).ShouldHaveSingleItem();

        (refusal.Rule, refusal.Policy).ShouldBe((Permission.HostNetwork, "/strict"));
    }

    private static async Task<ContainerWorld> WorldAsync()
    {
        var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        await world.CollectionAsync("/secret");
        await world.CollectionAsync("/seen");
        await world.GrantAsync("carol", BuiltInRoles.RestrictedControlId, "/Shared");
        await world.GrantAsync("carol", BuiltInRoles.ViewOnlyId, "/seen");
        await MakeAsync(new ContainerCreateRequest { Name = "secret-db", Image = "busybox:1", Collection = "/secret" });
        await MakeAsync(new ContainerCreateRequest { Name = "seen-db", Image = "busybox:1", Collection = "/seen" });
        await MakeAsync(new ContainerCreateRequest { Name = "own-db", Image = "busybox:1" });
        await MakeAsync(new ContainerCreateRequest { Name = "host-net", Image = "busybox:1", NetworkMode = "host" });
        await MakeAsync(new ContainerCreateRequest { Name = "behind-host-net", Image = "busybox:1", NetworkMode = "container:host-net" });
        await MakeAsync(new ContainerCreateRequest { Name = "host-files", Image = "busybox:1", Mounts = [new MountRequest { Type = "bind", Source = "/etc", Target = "/e" }] });
        return world;

        async Task MakeAsync(ContainerCreateRequest request)
        {
            var made = await world.CreateAsync(request);
            made.IsSuccess.ShouldBeTrue(made.Error?.Message);
        }
    }
}
