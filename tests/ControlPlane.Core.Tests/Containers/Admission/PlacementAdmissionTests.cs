using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Tests.Containers.Admission;

/// <summary>What a request may say about where it goes, in fields and in the forms of classic Swarm.</summary>
public sealed class PlacementAdmissionTests
{
    private static readonly ContainerCreateRequest Plain = new() { Image = "busybox" };

    [Fact]
    public void Typed_fields_are_taken_over()
    {
        var admitted = Admit(Plain with
        {
            Affinities = ["container==db", "tier!=~web"],
            Constraints = ["zone==a"],
            Platform = "Linux/x86_64",
            ReschedulePolicy = "on-node-failure",
            RescheduleWithVolumes = true,
            Strategy = "spread",
            Resources = new ResourcesRequest { Generic = new Dictionary<string, long> { ["gpu"] = 2, ["fpga"] = 1 } },
        });

        admitted.Affinities.ShouldBe(["container==db", "tier!=~web"]);
        admitted.Constraints.ShouldBe(["zone==a"]);
        admitted.Platform.ShouldBe(new Platform("linux", "amd64"));
        admitted.Reschedule.ShouldBe(ReschedulePolicy.OnNodeFailure);
        admitted.RescheduleWithVolumes.ShouldBeTrue();
        admitted.Demand.GenericResources.ShouldBe([new GenericResource("fpga", 1), new GenericResource("gpu", 2)]);
    }

    [Fact]
    public void Both_operators_of_the_environments_form_are_read_out_of_a_map_and_leave_the_environment()
    {
        var admitted = Admit(Plain with
        {
            Env = new Dictionary<string, string>
            {
                ["PATH"] = "/bin",
                ["constraint:zone"] = "=a",
                ["constraint:disk!"] = "~hdd",
                ["affinity:container"] = "=~db*",
                ["reschedule:on-node-failure"] = "",
                ["whitelist:node"] = "=n1|n2.example",
            },
            Constraints = ["rack==r1"],
        });

        admitted.Spec.Env.ShouldBe(["PATH=/bin"]);
        admitted.Constraints.ShouldBe(["zone==a", "disk!=~hdd", "node.name==n1|n2\\.example", "rack==r1"]);
        admitted.Affinities.ShouldBe(["container==~db*"]);
        admitted.Reschedule.ShouldBe(ReschedulePolicy.OnNodeFailure);
        admitted.Spec.Labels.ShouldNotBeNull();
        admitted.Spec.Labels["com.docker.swarm.constraints"].ShouldBe("""["zone==a","disk!=~hdd"]""");
        admitted.Spec.Labels["com.docker.swarm.affinities"].ShouldBe("""["container==~db*"]""");
        admitted.Spec.Labels["com.docker.swarm.whitelists"].ShouldBe("""["node==n1|n2.example"]""");
        admitted.Spec.Labels["com.docker.swarm.reschedule-policies"].ShouldBe("""["on-node-failure"]""");
    }

    [Fact]
    public void Labels_come_first_then_the_environment_then_the_fields()
    {
        var admitted = Admit(Plain with
        {
            Labels = new Dictionary<string, string> { ["com.docker.swarm.constraints"] = """["zone==a"]""", ["app"] = "x" },
            Env = new Dictionary<string, string> { ["constraint:disk"] = "=ssd" },
            Constraints = ["rack==r1"],
        });

        admitted.Constraints.ShouldBe(["zone==a", "disk==ssd", "rack==r1"]);
        admitted.Spec.Labels!["com.docker.swarm.constraints"].ShouldBe("""["zone==a","disk==ssd"]""");
        admitted.Spec.Labels["app"].ShouldBe("x");
    }

    [Fact]
    public void Labels_alone_stay_as_they_were_written()
    {
        var labels = new Dictionary<string, string> { ["com.docker.swarm.affinities"] = """[ "image==nginx" ]""" };

        var admitted = Admit(Plain with { Labels = labels });

        admitted.Affinities.ShouldBe(["image==nginx"]);
        admitted.Spec.Labels.ShouldBeSameAs(labels);
    }

    [Theory]
    [InlineData("constraint:zone", "a", "env[\"constraint:zone\"]", "constraint 'zone=a': one of the operators == and != is expected")]
    [InlineData("constraint:zone", "=", "env[\"constraint:zone\"]", "constraint 'zone==': the value is empty")]
    [InlineData("constraint:a", "=b", "env[\"constraint:a\"]", "the key 'a' is invalid")]
    [InlineData("affinity:container", "db", "env[\"affinity:container\"]", "one of the operators")]
    [InlineData("whitelist:node", "=a||b", "env[\"whitelist:node\"]", "'node==' and names of nodes")]
    [InlineData("whitelist:node!", "a", "env[\"whitelist:node!\"]", "'node==' and names of nodes")]
    [InlineData("reschedule:maybe", "", "env[\"reschedule:maybe\"]", "invalid reschedule policy: maybe; it must be 'off' or 'on-node-failure'")]
    public void A_malformed_entry_of_the_environment_is_refused_by_its_name(string name, string value, string field, string message)
    {
        var errors = ContainerAdmission.Admit(Plain with { Env = new Dictionary<string, string> { [name] = value } }).Errors;

        errors.ShouldHaveSingleItem().Field.ShouldBe(field);
        errors[0].Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("com.docker.swarm.constraints", "zone==a", "", "JSON array")]
    [InlineData("com.docker.swarm.constraints", "[1]", "", "JSON array")]
    [InlineData("com.docker.swarm.constraints", "[[\"zone==a\"]]", "", "JSON array")]
    [InlineData("com.docker.swarm.constraints", "[\"zone==a\",\"b\"]", "[1]", "one of the operators")]
    [InlineData("com.docker.swarm.affinities", "[\"container=\"]", "[0]", "one of the operators")]
    [InlineData("com.docker.swarm.reschedule-policies", "[\"maybe\"]", "[0]", "invalid reschedule policy: maybe")]
    [InlineData("com.docker.swarm.reschedule-policies", "[\"off\",\"on-node-failure\"]", "[1]", "too many reschedule policies")]
    [InlineData("com.docker.swarm.reschedule-policy", "on-node-failure", "", "did you mean 'com.docker.swarm.reschedule-policies'")]
    [InlineData("com.docker.swarm.constraint", "[]", "", "is not known")]
    [InlineData("Com.Docker.Swarm.constraints", "[]", "", "is not known")]
    [InlineData("com.docker.swarm.id", "x", "", "controlplane.id")]
    public void A_label_of_classic_swarm_that_means_nothing_is_refused_with_a_hint(string key, string value, string index, string message)
    {
        var errors = ContainerAdmission.Admit(Plain with { Labels = new Dictionary<string, string> { [key] = value } }).Errors;

        errors.ShouldHaveSingleItem().Field.ShouldBe($"labels[\"{key}\"]{index}");
        errors[0].Message.ShouldContain(message);
    }

    [Fact]
    public void Policies_of_environment_and_field_that_differ_are_too_many()
    {
        var request = Plain with { Env = new Dictionary<string, string> { ["reschedule:on-node-failure"] = "" }, ReschedulePolicy = "off" };

        var error = ContainerAdmission.Admit(request).Errors.ShouldHaveSingleItem();

        (error.Field, error.Message).ShouldBe(("reschedulePolicy", "too many reschedule policies"));
        Admit(request with { ReschedulePolicy = "on-node-failure" }).Reschedule.ShouldBe(ReschedulePolicy.OnNodeFailure);
    }

    [Fact]
    public void Hundreds_of_expressions_are_refused_once()
    {
        var many = "[" + string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"zone!=z{i}\"")) + "]";

        ContainerAdmission.Admit(Plain with { Labels = new Dictionary<string, string> { ["com.docker.swarm.constraints"] = many } })
            .Errors.ShouldHaveSingleItem().Field.ShouldBe("labels[\"com.docker.swarm.constraints\"][100]");
    }

    [Theory]
    [InlineData("gpu", 0)]
    [InlineData("gpu", 1_000_001)]
    [InlineData("-gpu", 1)]
    [InlineData("", 1)]
    public void Generic_resources_have_a_name_and_a_count(string name, long count) =>
        ContainerAdmission.Admit(Plain with { Resources = new ResourcesRequest { Generic = new Dictionary<string, long> { [name] = count } } })
            .Errors.ShouldHaveSingleItem().Field.ShouldBe($"resources.generic[\"{name}\"]");

    [Fact]
    public void What_the_spec_needs_on_its_node_is_read_out_of_it()
    {
        var admitted = Admit(Plain with
        {
            Links = ["db:database", "cache"],
            VolumesFrom = ["data:ro"],
            Mounts =
            [
                new MountRequest { Type = "volume", Source = "files", Target = "/files" },
                new MountRequest { Type = "volume", Target = "/anonymous" },
                new MountRequest { Type = "volume", Source = "remote", Target = "/remote", VolumeOptions = new VolumeOptionsRequest { Driver = "rexray" } },
            ],
            Networks = [new NetworkRequest { Name = "front" }, new NetworkRequest { Name = "back" }],
        });

        admitted.Dependencies.ShouldBe(
        [
            new Dependency(DependencyKind.Link, "db"),
            new Dependency(DependencyKind.Link, "cache"),
            new Dependency(DependencyKind.VolumesFrom, "data"),
            new Dependency(DependencyKind.Volume, "files"),
            new Dependency(DependencyKind.Network, "front"),
            new Dependency(DependencyKind.Network, "back"),
        ]);
    }

    [Fact]
    public void A_network_of_another_container_is_a_dependency_and_no_network()
    {
        var admitted = Admit(Plain with { NetworkMode = "container:db" });

        admitted.Dependencies.ShouldBe([new Dependency(DependencyKind.Namespace, "db")]);
        admitted.Spec.HostConfig!.NetworkMode.ShouldBe("container:db");
    }

    private static AdmittedContainer Admit(ContainerCreateRequest request)
    {
        var admitted = ContainerAdmission.Admit(request);
        admitted.IsValid.ShouldBeTrue(string.Join("; ", admitted.Errors));
        return admitted.Value!;
    }
}
