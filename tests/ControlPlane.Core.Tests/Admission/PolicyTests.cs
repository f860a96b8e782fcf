using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission.Policies;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Engine.Values;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Admission;

public sealed class PolicyTests
{
    private const string Digest = "@sha256:0123456789012345678901234567890123456789012345678901234567890123";

    [Theory]
    [InlineData("docker.io", "nginx", true)]
    [InlineData("docker.io", "index.docker.io/nginx", true)]
    [InlineData("docker.io/library", "nginx:1", true)]
    [InlineData("docker.io/library", "grafana/loki", false)]
    [InlineData("docker.io", "docker.io.evil.com/nginx", false)]
    [InlineData("docker.io", "evil.com/docker.io/nginx", false)]
    [InlineData("docker.io", "docker.io:444/nginx", false)]
    [InlineData("docker.io", "localhost/nginx", false)]
    [InlineData("docker.io", "localhost:5000/nginx", false)]
    [InlineData("ghcr.io/org", "ghcr.io/org/app", true)]
    [InlineData("ghcr.io/org/", "ghcr.io/org/app/sub:2", true)]
    [InlineData("ghcr.io/org", "ghcr.io/org", true)]
    [InlineData("ghcr.io/org", "ghcr.io/organisation/app", false)]
    [InlineData("ghcr.io/org", "ghcr.io/other/org", false)]
    [InlineData("GHCR.io", "ghcr.io/x", true)]
    [InlineData("ghcr.io", "GHCR.IO/x", false)]
    [InlineData("registry.example.com:5000", "registry.example.com:5000/a", true)]
    [InlineData("registry.example.com:5000", "registry.example.com/a", false)]
    [InlineData("registry.example.com", "registry.example.com:5000/a", false)]
    [InlineData("", "nginx", false)]
    [InlineData("/", "nginx", false)]
    public void Registries_are_compared_in_full_form(string allowed, string image, bool expected)
    {
        ImageReference.TryParse(image, out var reference, out _).ShouldBeTrue();
        RegistryRule.Allows([allowed], reference!).ShouldBe(expected);
    }

    [Theory]
    [InlineData("nginx", true)]
    [InlineData("docker.io/library/cafe", true)]
    [InlineData("cafe:1", true)]
    [InlineData("cafe", false)]
    [InlineData("deadbeefcafe", false)]
    [InlineData("sha256:0123456789012345678901234567890123456789012345678901234567890123", false)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", false)]
    public void What_may_be_an_id_has_no_registry(string image, bool clear) => (RegistryRule.Unambiguous(image) is not null).ShouldBe(clear);

    [Fact]
    public async Task An_image_from_elsewhere_is_refused_also_as_an_id_and_as_a_mount()
    {
        var policy = new CollectionPolicy { AllowedRegistries = ["ghcr.io/org"] };
        (await RefusedAsync(policy, """{"Image":"ghcr.io/org/app:1"}""")).ShouldBeEmpty();
        (await RefusedAsync(policy, """{"Image":"nginx"}""")).ShouldBe(["Image allowedRegistries"]);
        (await RefusedAsync(policy, """{"Image":"deadbeef"}""")).ShouldBe(["Image allowedRegistries"]);
        (await RefusedAsync(policy, "{\"Image\":\"nginx" + Digest + "\"}")).ShouldBe(["Image allowedRegistries"]);
        (await RefusedAsync(policy, """{"Image":"ghcr.io/org/app:1","HostConfig":{"Mounts":[{"Type":"image","Source":"nginx","Target":"/x"}]}}"""))
            .ShouldBe(["HostConfig.Mounts[0].Source allowedRegistries"]);
    }

    [Fact]
    public async Task A_digest_is_asked_for()
    {
        var policy = new CollectionPolicy { RequireDigest = true };
        (await RefusedAsync(policy, """{"Image":"nginx:1"}""")).ShouldBe(["Image requireDigest"]);
        (await RefusedAsync(policy, "{\"Image\":\"nginx:1" + Digest + "\"}")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Limits_are_asked_for_and_have_a_most()
    {
        var required = new CollectionPolicy { RequireMemoryLimit = true, RequireCpuLimit = true, RequirePidsLimit = true };
        (await RefusedAsync(required, Host(""))).ShouldBe(["HostConfig.Memory requireMemoryLimit", "HostConfig.NanoCpus requireCpuLimit", "HostConfig.PidsLimit requirePidsLimit"]);
        (await RefusedAsync(required, Host("\"Memory\":0,\"NanoCpus\":0,\"PidsLimit\":-1"))).Count.ShouldBe(3);
        (await RefusedAsync(required, Host("\"Memory\":10000000,\"CpuQuota\":50000,\"PidsLimit\":10"))).ShouldBeEmpty();

        var most = new CollectionPolicy { MaxMemoryBytes = 10_000_000, MaxNanoCpus = 500_000_000 };
        (await RefusedAsync(most, Host(""))).ShouldBe(["HostConfig.Memory maxMemoryBytes", "HostConfig.NanoCpus maxNanoCpus"]);
        (await RefusedAsync(most, Host("\"Memory\":10000001,\"NanoCpus\":500000001"))).Count.ShouldBe(2);
        (await RefusedAsync(most, Host("\"Memory\":10000000,\"CpuQuota\":50000,\"CpuPeriod\":50000"))).ShouldBe(["HostConfig.CpuQuota maxNanoCpus"]);
        (await RefusedAsync(most, Host("\"Memory\":10000000,\"NanoCpus\":500000000"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("NET_RAW", "", "HostConfig.CapDrop")]
    [InlineData("cap_net_raw", "\"CapDrop\":[\"NET_RAW\"]", null)]
    [InlineData("NET_RAW", "\"CapDrop\":[\"all\"]", null)]
    [InlineData("NET_RAW", "\"CapDrop\":[\"ALL\"],\"CapAdd\":[\"CHOWN\",\"CAP_NET_RAW\"]", "HostConfig.CapAdd[1]")]
    [InlineData("NET_RAW", "\"CapDrop\":[\"NET_RAW\"],\"CapAdd\":[\"ALL\"]", null)]
    [InlineData("SYS_ADMIN", "", null)]
    [InlineData("SYS_ADMIN", "\"CapAdd\":[\"sys_admin\"]", "HostConfig.CapAdd[0]")]
    [InlineData("SYS_ADMIN", "\"CapAdd\":[\"ALL\"]", "HostConfig.CapAdd[0]")]
    [InlineData("SYS_ADMIN", "\"Privileged\":true,\"CapDrop\":[\"ALL\"]", "HostConfig.Privileged")]
    [InlineData("SYS_ADMIN", "\"Capabilities\":[\"SYS_ADMIN\"]", "HostConfig.Capabilities")]
    public async Task Capabilities_are_forbidden_wherever_they_come_from(string capability, string members, string? field)
    {
        string[] expected = field is null ? [] : [field + " forbiddenCapabilities"];
        (await RefusedAsync(new CollectionPolicy { ForbiddenCapabilities = [capability] }, Host(members))).ShouldBe(expected);
    }

    [Theory]
    [InlineData("1000", true)]
    [InlineData("1000:0", true)]
    [InlineData("0", false)]
    [InlineData("root", false)]
    [InlineData("nobody", false)]
    [InlineData("", false)]
    [InlineData("-1", false)]
    public async Task No_root_means_a_number_that_is_not_0(string user, bool admitted) =>
        (await RefusedAsync(new CollectionPolicy { RequireNonRoot = true }, $$"""{"Image":"x1","User":"{{user}}"}""")).Count.ShouldBe(admitted ? 0 : 1);

    [Fact]
    public async Task A_read_only_root_file_system_is_asked_for()
    {
        var policy = new CollectionPolicy { RequireReadOnlyRootfs = true };
        (await RefusedAsync(policy, Host(""))).ShouldBe(["HostConfig.ReadonlyRootfs requireReadOnlyRootfs"]);
        (await RefusedAsync(policy, Host("\"ReadonlyRootfs\":true"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_forbidden_option_is_forbidden_to_administrators_in_the_name_of_the_collection_whose_policy_it_is()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.CollectionAsync("/prod", new CollectionPolicy { ForbiddenOptions = ["host.privileged"] });
        await world.CollectionAsync("/prod/web");

        var refusal = (await world.AdmitAsync(ContainerWorld.Admin, AdmissionSetup.Host("\"Privileged\":true,\"PidMode\":\"host\""), "/prod/web")).ShouldHaveSingleItem();

        (refusal.Field, refusal.Rule, refusal.Policy).ShouldBe(("HostConfig.Privileged", "host.privileged", "/prod"));
        refusal.Message.ShouldContain("policy of /prod");
    }

    [Fact]
    public async Task The_strictest_of_a_collection_and_of_those_above_it_holds_and_of_no_other()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.CollectionAsync("/prod", new CollectionPolicy { MaxMemoryBytes = 20_000_000, RequirePidsLimit = true, AllowedRegistries = ["docker.io"] });
        await world.CollectionAsync("/prod/web", new CollectionPolicy { MaxMemoryBytes = 10_000_000, RequirePidsLimit = true, AllowedRegistries = ["docker.io/library"] });
        await world.CollectionAsync("/prod/loose", new CollectionPolicy { MaxMemoryBytes = 90_000_000, RequirePidsLimit = false, AllowedRegistries = ["docker.io", "ghcr.io"] });
        await world.CollectionAsync("/production", new CollectionPolicy { RequireDigest = true });

        (await In("/prod/web", "nginx", 15_000_000, 1)).ShouldBe(["HostConfig.Memory maxMemoryBytes /prod/web"]);
        (await In("/prod/web", "nginx", 25_000_000, 0)).ShouldBe(["HostConfig.Memory maxMemoryBytes /prod", "HostConfig.Memory maxMemoryBytes /prod/web", "HostConfig.PidsLimit requirePidsLimit /prod"], ignoreOrder: true);
        (await In("/prod/web", "grafana/loki", 1, 1)).ShouldBe(["Image allowedRegistries /prod/web"]);
        (await In("/prod/loose", "ghcr.io/x/y", 25_000_000, 0)).ShouldBe(["Image allowedRegistries /prod", "HostConfig.Memory maxMemoryBytes /prod", "HostConfig.PidsLimit requirePidsLimit /prod"]);
        (await In("/prod", "nginx", 15_000_000, 1)).ShouldBeEmpty();
        (await In("/Shared", "ghcr.io/x/y", 0, 0)).ShouldBeEmpty();

        async Task<List<string>> In(string collection, string image, long memory, long pids) =>
            [.. (await world.AdmitAsync(ContainerWorld.Admin, AdmissionSetup.Spec($$$"""{"Image":"{{{image}}}","HostConfig":{"Memory":{{{memory}}},"PidsLimit":{{{pids}}}}}"""), collection))
                .Select(refusal => $"{refusal.Field} {refusal.Rule} {refusal.Policy}")];
    }

    [Fact]
    public void A_policy_survives_its_storage()
    {
        var policy = new CollectionPolicy { AllowedRegistries = ["docker.io"], ForbiddenCapabilities = ["NET_RAW"], RequireNonRoot = true, RequireReadOnlyRootfs = true, MaxMemoryBytes = 5 };

        CollectionPolicy.Read(policy.Write())!.Write().ShouldBe(policy.Write());
        CollectionPolicy.Read(policy.Write())!.RequireNonRoot.ShouldBe(true);
        CollectionPolicy.Read("{}")!.Write().ShouldBe("{}");
    }

    private static string Host(string members) => "{\"Image\":\"busybox:1\",\"HostConfig\":{" + members + "}}";

    private static Task<List<string>> RefusedAsync(CollectionPolicy policy, string json)
    {
        var spec = AdmissionSetup.Spec(json);
        List<string> refused = [.. PolicyCheck.Of([("/prod", policy)], spec, Core.Containers.Admission.HostReach.HostOptions.Of(spec)).Select(refusal => $"{refusal.Field} {refusal.Rule}")];
        return Task.FromResult(refused);
    }
}
