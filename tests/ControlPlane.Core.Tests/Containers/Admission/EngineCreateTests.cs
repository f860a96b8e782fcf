using System.Text;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Tests.Containers.Admission;

/// <summary>Creates as docker's clients send them.</summary>
public sealed class EngineCreateTests
{
    [Fact]
    public void Expressions_of_placement_leave_the_environment_and_bind_the_scheduler()
    {
        var admitted = Admit("""{"Image":"busybox","Env":["A=1","constraint:zone==a","affinity:container==db","reschedule:on-node-failure"]}""");

        admitted.Spec.Env.ShouldBe(["A=1"]);
        admitted.Constraints.ShouldBe(["zone==a"]);
        admitted.Affinities.ShouldBe(["container==db"]);
        admitted.Reschedule.ShouldBe(ReschedulePolicy.OnNodeFailure);
        admitted.Spec.Labels!["com.docker.swarm.constraints"].ShouldBe("""["zone==a"]""");
    }

    [Fact]
    public void A_node_before_a_network_or_a_volume_is_a_condition_and_no_part_of_the_name()
    {
        var admitted = Admit("""
            {"Image":"busybox","HostConfig":{"NetworkMode":"node-1/net","Binds":["node-1/data:/data:ro","/etc:/host"],
             "Mounts":[{"Type":"volume","Source":"node-1/more","Target":"/more"},{"Type":"bind","Source":"a/b","Target":"/b"}]}}
            """);

        admitted.Constraints.ShouldBe(["node.name==node-1"]);
        admitted.Spec.HostConfig!.NetworkMode.ShouldBe("net");
        admitted.Spec.HostConfig.Binds.ShouldBe(["data:/data:ro", "/etc:/host"]);
        admitted.Spec.HostConfig.Mounts!.Select(mount => mount.Source).ShouldBe(["more", "a/b"]);
    }

    [Fact]
    public void A_dot_in_a_nodes_name_matches_a_dot_only() =>
        Admit("""{"Image":"busybox","HostConfig":{"NetworkMode":"a.b/net"}}""").Constraints.ShouldBe([@"node.name==a\.b"]);

    [Fact]
    public void The_network_of_the_mode_comes_with_the_create_and_others_after_it()
    {
        var admitted = Admit("""
            {"Image":"busybox","HostConfig":{"NetworkMode":"front"},
             "NetworkingConfig":{"EndpointsConfig":{"back":{"Aliases":["b"]},"front":{"MacAddress":"02:42:ac:11:00:05"}}}}
            """);

        admitted.Spec.NetworkingConfig!.EndpointsConfig!.Keys.ShouldBe(["front"]);
        admitted.FurtherNetworks.Single().Key.ShouldBe("back");
        admitted.Spec.MacAddress.ShouldBe("02:42:ac:11:00:05");
    }

    [Theory]
    [InlineData("""{"default":{}}""")]
    [InlineData("""{"default":{"IPAMConfig":null,"Links":null,"Aliases":null,"MacAddress":"","NetworkID":"","GwPriority":0}}""")]
    [InlineData("""{"default":null}""")]
    public void What_newer_clients_say_of_every_container_is_nothing(string endpoints)
    {
        var admitted = Admit("""{"Image":"busybox","HostConfig":{"NetworkMode":"default"},"NetworkingConfig":{"EndpointsConfig":""" + endpoints + "}}");

        admitted.Spec.NetworkingConfig.ShouldBeNull();
        admitted.FurtherNetworks.ShouldBeEmpty();
    }

    [Fact]
    public void A_setting_of_the_default_network_is_one_of_the_bridge() =>
        Admit("""{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"default":{"MacAddress":"02:42:ac:11:00:05"}}}}""")
            .Spec.NetworkingConfig!.EndpointsConfig!.Keys.ShouldBe(["bridge"]);

    [Fact]
    public void An_image_named_by_its_id_goes_to_nodes_that_have_it_and_is_never_pulled()
    {
        var admitted = new EngineCreate(Spec("""{"Image":"abcd"}"""), null, null, MayPull: true) { ImageId = "sha256:" + new string('a', 64) }.Admit().Value!;

        admitted.Affinities.ShouldBe(["image==sha256:" + new string('a', 64)]);
        admitted.Pull.ShouldBe(PullPolicy.Never);
    }

    [Theory]
    [InlineData("""{"Image":"busybox","Env":["A=\u0000"]}""", "Env")]
    [InlineData("""{"Image":"busybox","Cmd":["a\u0000b"]}""", "Cmd")]
    [InlineData("""{"Image":"busybox","HostConfig":{"Binds":["/a\u0000:/b"]}}""", "HostConfig.Binds")]
    [InlineData("""{"Image":""}""", "Image")]
    [InlineData("""{"Image":"No Such"}""", "Image")]
    [InlineData("""{"Image":"busybox","Env":["constraint:zone=a"]}""", "Env")]
    [InlineData("""{"Image":"busybox","Labels":{"com.docker.swarm.constraints":"zone==a"}}""", "Labels")]
    public void What_is_malformed_is_named_as_the_engine_calls_it(string json, string field)
    {
        var admitted = new EngineCreate(Spec(json), "web", null, MayPull: true).Admit();

        admitted.IsValid.ShouldBeFalse();
        admitted.Errors.ShouldContain(error => error.Field.StartsWith(field, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"Image":"a","HostConfig":{"Annotations":{"a":"b"}}}""", "HostConfig.Annotations", "1.43")]
    [InlineData("""{"Image":"a","Healthcheck":{"StartInterval":1000000000}}""", "Healthcheck.StartInterval", "1.44")]
    [InlineData("""{"Image":"a","HostConfig":{"Mounts":[{"Type":"bind","Source":"/a","Target":"/b","BindOptions":{"CreateMountpoint":true}}]}}""", "HostConfig.Mounts.BindOptions.CreateMountpoint", "1.42")]
    public void A_field_that_came_later_asks_for_an_engine_that_knows_it(string json, string field, string version)
    {
        var (newest, needed) = FieldVersions.Newest(Spec(json)).ShouldNotBeNull();

        newest.ShouldBe(field);
        needed.ShouldBe(Version.Parse(version));
    }

    [Fact]
    public void What_every_client_sends_needs_no_newer_engine() =>
        FieldVersions.Newest(Spec("""{"Image":"a","Healthcheck":{"StartInterval":0},"HostConfig":{"Annotations":{},"Mounts":null}}""")).ShouldBeNull();

    private static ContainerSpec Spec(string json) => ContainerSpecReader.Read(Encoding.UTF8.GetBytes(json)).Value.ShouldNotBeNull();

    private static AdmittedContainer Admit(string json) => new EngineCreate(Spec(json), "web", null, MayPull: true).Admit().Value.ShouldNotBeNull();
}
