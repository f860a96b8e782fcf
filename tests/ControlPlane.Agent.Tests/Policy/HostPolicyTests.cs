using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tests.Fakes;

namespace ControlPlane.Agent.Tests.Policy;

public sealed class HostPolicyTests
{
    private static readonly HostPolicy Strict = new(new PolicyRules { NoPrivileged = true, NoHostNamespaces = true, BindMountsBelow = ["/srv"] });

    [Theory]
    [InlineData("""{"HostConfig":{"Privileged":true}}""")]
    [InlineData("""{"hostconfig":{"Privileged":true}}""")]
    [InlineData("""{"HostConfig":{"pRIVILEGED":true}}""")]
    [InlineData("""{"HostConfig":{"Privileged":false},"HOSTCONFIG":{"Privileged":true}}""")]
    [InlineData("""{"HostConfig":{"Privileged":false,"Privileged":true}}""")]
    [InlineData("{\"Ho\u017ftConfig\":{\"Privileged\":true}}")]
    [InlineData("""{"Host":{"Privileged":true}}""")]
    [InlineData("""{"HostConfig":{"NetworkMode":"host"}}""")]
    [InlineData("""{"HostConfig":{"PidMode":"container:abc"}}""")]
    [InlineData("""{"HostConfig":{"Binds":["/etc:/x"]}}""")]
    [InlineData("""{"HostConfig":{"Binds":["/srv/../etc:/x"]}}""")]
    [InlineData("""{"HostConfig":{"Binds":["/srvother:/x"]}}""")]
    [InlineData("""{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/var/run/docker.sock","Target":"/x"}]}}""")]
    [InlineData("""{"HostConfig":{"Mounts":[{"Source":"/etc","Target":"/x"}]}}""")]
    [InlineData("""{"HostConfig":{"Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}""")]
    [InlineData("""[]""")]
    [InlineData("""{""")]
    public void What_the_owner_forbids_is_refused_in_every_spelling(string spec) => Strict.Check(spec).ShouldNotBeNull();

    [Theory]
    [InlineData("""{"HostConfig":{"Privileged":false,"Binds":["/srv/data:/x:ro","named:/y"],"NetworkMode":"bridge"},"Labels":{"Privileged":"x","hostconfig":"y"}}""")]
    [InlineData("""{"HostConfig":{"Mounts":[{"Type":"volume","Source":"v","Target":"/x"},{"Type":"tmpfs","Target":"/t"}],"LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}}}}""")]
    [InlineData("""{"NetworkingConfig":{"EndpointsConfig":{"options":{}}}}""")]
    public void What_it_does_not_forbid_passes(string spec) => Strict.Check(spec).ShouldBeNull();

    [Fact]
    public void A_spec_without_its_cluster_id_is_refused()
    {
        var open = new HostPolicy(new PolicyRules());

        open.Check("""{"Labels":{"controlplane.id":"a"}}""", "a").ShouldBeNull();
        open.Check("""{"Labels":{"controlplane.id":"b"}}""", "a").ShouldNotBeNull();
        open.Check("{}", "a").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("""{"noexec":true}""")]
    [InlineData("""{"noExec":true,"noExec":false}""")]
    [InlineData("""{"bindMountsBelow":["srv"]}""")]
    [InlineData("null")]
    [InlineData("nonsense")]
    public void A_policy_file_that_cannot_be_understood_stops_the_agent(string text)
    {
        using var directory = new TempDirectory();
        File.WriteAllText(directory.Sub("policy.json"), text);

        Should.Throw<AgentRefusedException>(() => HostPolicy.Load(directory.Sub("policy.json"))).Message.ShouldContain("policy.json");
    }

    [Fact]
    public void A_policy_is_told_in_words()
    {
        using var directory = new TempDirectory();
        File.WriteAllText(directory.Sub("policy.json"), """{"noExec":true,"noPrivileged":true,"bindMountsBelow":["/srv"]}""");

        HostPolicy.Load(directory.Sub("policy.json")).InWords.ShouldBe(["no exec", "no privileged containers", "bind mounts only below /srv"]);
    }
}
