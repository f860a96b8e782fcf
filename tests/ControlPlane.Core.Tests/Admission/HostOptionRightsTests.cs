using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Networks;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>Every host option × roles.</summary>
public sealed class HostOptionRightsTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    public static TheoryData<int> Samples => new(Enumerable.Range(0, SpecSamples.Host.Length));

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Restricted_control_is_refused_with_field_and_right_full_control_and_that_right_alone_are_not(int index)
    {
        var (_, members, field, permission) = SpecSamples.Host[index];
        var spec = AdmissionSetup.Host(members);

        var refusal = (await fixture.World.AdmitAsync(AdmissionSetup.User("restricted"), spec)).ShouldHaveSingleItem();
        (refusal.Field, refusal.Rule, refusal.Policy).ShouldBe(("HostConfig." + field, permission, null));
        refusal.Message.ShouldContain($"{permission} on /Shared");

        (await fixture.World.AdmitAsync(AdmissionSetup.User("full"), spec)).ShouldBeEmpty();
        (await fixture.World.AdmitAsync(AdmissionSetup.User(permission), spec)).ShouldBeEmpty();
        (await fixture.World.AdmitAsync(ContainerWorld.Admin, spec)).ShouldBeEmpty();
        var another = Core.Access.PermissionCatalog.All.First(p => p.Group == "host" && p.Name != permission).Name;
        (await fixture.World.AdmitAsync(AdmissionSetup.User(another), spec)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("""{"Image":"busybox:1"}""")]
    [InlineData("""{"Image":"busybox:1","User":"root","WorkingDir":"/procedure","Env":["A=/var/run/docker.sock"],"Labels":{"a":"/etc"},"Volumes":{"/data":{}}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"Binds":["data:/data","data.2:/d:ro,z,nocopy","/anonymous"],"Tmpfs":{"/t":"size=1m"},"ShmSize":1000000}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"Mounts":[{"Type":"volume","Source":"data","Target":"/d"},{"Type":"volume","Target":"/e"},{"Type":"tmpfs","Target":"/f","TmpfsOptions":{"SizeBytes":1}}]}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"Mounts":[{"Type":"volume","Target":"/d","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"tmpfs","device":"tmpfs","o":"size=1m,uid=1000,noexec"}}}}]}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"NetworkMode":"none","PidMode":"","IpcMode":"private","UTSMode":"","UsernsMode":"","CgroupnsMode":"private"}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"IpcMode":"shareable","SecurityOpt":["no-new-privileges"],"CapDrop":["ALL"],"OomScoreAdj":500,"OomKillDisable":false,"Privileged":false}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}},"Runtime":"","Isolation":"default","CapAdd":[],"Devices":[],"Sysctls":{}}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"PublishAllPorts":true,"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}],"443/tcp":[{"HostPort":""}],"5/udp":[{"HostPort":"2000-2010"}]}}}""")]
    [InlineData("""{"Image":"busybox:1","HostConfig":{"Memory":100000000,"NanoCpus":1000000000,"PidsLimit":100,"CpusetCpus":"0","RestartPolicy":{"Name":"always"},"ReadonlyRootfs":true,"Init":true}}""")]
    [InlineData("""{"Image":"busybox:1","NetworkingConfig":{"EndpointsConfig":{"web":{"Aliases":["a"],"IPAMConfig":{"IPv4Address":"10.0.0.9"}}}}}""")]
    public async Task What_stays_in_the_container_is_admitted_for_restricted_control(string json) =>
        (await fixture.World.AdmitAsync(AdmissionSetup.User("restricted"), AdmissionSetup.Spec(json))).ShouldBeEmpty();

    [Fact]
    public async Task Every_option_is_named_at_once()
    {
        var spec = AdmissionSetup.Host("\"Privileged\":true,\"PidMode\":\"host\",\"Binds\":[\"/:/h\"],\"CapAdd\":[\"A\",\"B\"]");

        (await fixture.World.AdmitAsync(AdmissionSetup.User("restricted"), spec)).Select(refusal => refusal.Field)
            .ShouldBe(["HostConfig.Privileged", "HostConfig.CapAdd[0]", "HostConfig.CapAdd[1]", "HostConfig.PidMode", "HostConfig.Binds[0]"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("HostConfig.Privileged", "privileged")]
    [InlineData("HostConfig.CapAdd[1]", "capAdd[1]")]
    [InlineData("HostConfig.Mounts[2].Source", "mounts[2].source")]
    [InlineData("HostConfig.Mounts[0].VolumeOptions.DriverConfig.Options[\"o\"]", "mounts[0].volumeOptions.driverOptions[\"o\"]")]
    [InlineData("HostConfig.Mounts[0].BindOptions.Propagation", "mounts[0]")]
    [InlineData("HostConfig.PortBindings[\"80/tcp\"][0].HostPort", "ports")]
    [InlineData("HostConfig.LogConfig.Config[\"a\"]", "logging.options[\"a\"]")]
    [InlineData("HostConfig.Memory", "resources.memoryBytes")]
    [InlineData("HostConfig.MemoryReservation", "resources.memoryReservationBytes")]
    [InlineData("Labels[\"a\"]", "labels[\"a\"]")]
    [InlineData("HostConfig.Binds[0]", null)]
    [InlineData("HostConfig.MemorySwap", null)]
    public void Fields_have_their_names_in_rest(string engine, string? rest)
    {
        new HostOption(engine, "host.x", "x").RestField.ShouldBe(rest);
        new AdmissionRefusal(engine, "x", "x").FieldIn(AdmissionForm.Rest).ShouldBe(rest ?? engine);
        new AdmissionRefusal(engine, "x", "x").FieldIn(AdmissionForm.Engine).ShouldBe(engine);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("", "", true)]
    [InlineData(null, "root", true)]
    [InlineData(null, "0:1000", true)]
    [InlineData("1000", null, false)]
    [InlineData(null, "1000", false)]
    [InlineData("", "www-data:www-data", false)]
    [InlineData("root", "1000", true)]
    [InlineData("0", "1000", true)]
    [InlineData("00:5", "1000", true)]
    [InlineData("+0", "1000", true)]
    [InlineData("-0", "1000", true)]
    [InlineData(":1000", "1000", true)]
    public void A_command_is_roots_when_it_is_or_may_be(string? user, string? own, bool root) =>
        HostOptions.Of(new ExecSpec { User = user }, own).Any(option => option.Permission == "host.exec_as_root").ShouldBe(root);

    [Theory]
    [InlineData("10.1.0.0/16", true)]
    [InlineData("192.168.7.0/24", true)]
    [InlineData("fd00:1::/64", true)]
    [InlineData("10.0.0.0/7", false)]
    [InlineData("::/0", false)]
    [InlineData("127.0.0.0/8", false)]
    [InlineData("nonsense", false)]
    public void Networks_take_private_addresses_only(string subnet, bool harmless) => (HostOptions.Of(SpecSamples.Subnet(subnet)).Count == 0).ShouldBe(harmless);

    [Fact]
    public void A_usual_network_and_a_usual_build_reach_nothing()
    {
        HostOptions.Of(new NetworkSpec { Name = "web", Driver = "overlay", Attachable = true, Options = new Dictionary<string, string> { ["encrypted"] = "" } }).ShouldBeEmpty();
        HostOptions.Of(new BuildSpec { T = ["a"], NetworkMode = "default", Dockerfile = "Dockerfile", SecurityOpt = ["no-new-privileges"] }).ShouldBeEmpty();
        HostOptions.Of(new UpdateSpec { Memory = 1, RestartPolicy = new RestartPolicy { Name = "always" } }).ShouldBeEmpty();
        HostOptions.Of(new UpdateSpec { Devices = [new DeviceMapping()] }).ShouldHaveSingleItem().Field.ShouldBe("Devices[0]");
    }
}
