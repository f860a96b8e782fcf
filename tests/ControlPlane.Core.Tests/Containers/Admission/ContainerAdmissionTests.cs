using System.Text;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;

namespace ControlPlane.Core.Tests.Containers.Admission;

public class ContainerAdmissionTests
{
    [Theory]
    [InlineData("""{}""", "image")]
    [InlineData("""{"image":"Bad Image"}""", "image")]
    [InlineData("""{"image":"x","name":"a"}""", "name")]
    [InlineData("""{"image":"x","name":"deadbeefcafe"}""", "name")]
    [InlineData("""{"image":"x","name":"a/b"}""", "name")]
    [InlineData("""{"image":"x","command":["a\u0000b"]}""", "command[0]")]
    [InlineData("""{"image":"x","env":{"A=B":"c"}}""", "env[\"A=B\"]")]
    [InlineData("""{"image":"x","env":{"":"c"}}""", "env[\"\"]")]
    [InlineData("""{"image":"x","env":{"A\u0000":"c"}}""", "env[\"A\\u0000\"]")]
    [InlineData("""{"image":"x","env":{"A":"\u0000"}}""", "env[\"A\"]")]
    [InlineData("""{"image":"x","env":{"A":"\u001b[31m"}}""", "env[\"A\"]")]
    [InlineData("""{"image":"x","labels":{"controlplane.id":"c"}}""", "labels[\"controlplane.id\"]")]
    [InlineData("""{"image":"x","labels":{"ControlPlane.owner":"c"}}""", "labels[\"ControlPlane.owner\"]")]
    [InlineData("""{"image":"x","labels":{"":"c"}}""", "labels[\"\"]")]
    [InlineData("""{"image":"x","ports":[{}]}""", "ports[0].containerPort")]
    [InlineData("""{"image":"x","ports":[{"containerPort":0}]}""", "ports[0].containerPort")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80,"hostPort":65536}]}""", "ports[0].hostPort")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80,"hostPort":-1}]}""", "ports[0].hostPort")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80,"protocol":"TCP"}]}""", "ports[0].protocol")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80,"hostIp":"host"}]}""", "ports[0].hostIp")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80,"hostPort":1},{"containerPort":81,"hostPort":1}]}""", "ports[1].hostPort")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80,"hostPort":1,"hostIp":"10.0.0.1"},{"containerPort":80,"hostPort":1,"hostIp":"0.0.0.0"}]}""", "ports[1].hostPort")]
    [InlineData("""{"image":"x","networkMode":"host","ports":[{"containerPort":80,"hostPort":1}]}""", "ports")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"data"}]}""", "mounts[0].target")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/a/../b"}]}""", "mounts[0].target")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/"}]}""", "mounts[0].target")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume"}]}""", "mounts[0].target")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/a"},{"type":"tmpfs","target":"/a/"}]}""", "mounts[1].target")]
    [InlineData("""{"image":"x","mounts":[{"type":"npipe","target":"/a"}]}""", "mounts[0].type")]
    [InlineData("""{"image":"x","mounts":[{"target":"/a"}]}""", "mounts[0].type")]
    [InlineData("""{"image":"x","mounts":[{"type":"bind","target":"/a"}]}""", "mounts[0].source")]
    [InlineData("""{"image":"x","mounts":[{"type":"bind","source":"etc","target":"/a"}]}""", "mounts[0].source")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","source":"/etc","target":"/a"}]}""", "mounts[0].source")]
    [InlineData("""{"image":"x","mounts":[{"type":"tmpfs","source":"y1","target":"/a"}]}""", "mounts[0].source")]
    [InlineData("""{"image":"x","mounts":[{"type":"tmpfs","target":"/a","tmpfsSizeBytes":-1}]}""", "mounts[0].tmpfsSizeBytes")]
    [InlineData("""{"image":"x","mounts":[{"type":"bind","source":"/a","target":"/a","tmpfsSizeBytes":1}]}""", "mounts[0].tmpfsSizeBytes")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/a","volumeOptions":{"driverOptions":{"type":"none","o":"bind","device":"/etc"}}}]}""", "mounts[0].volumeOptions.driverOptions")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/a","volumeOptions":{"driverOptions":{"o":"ro,rbind"}}}]}""", "mounts[0].volumeOptions.driverOptions")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/a","volumeOptions":{"driverOptions":{"type":"ext4","device":"/dev/sda1"}}}]}""", "mounts[0].volumeOptions.driverOptions")]
    [InlineData("""{"image":"x","mounts":[{"type":"volume","target":"/a","volumeOptions":{"labels":{"controlplane.id":"1"}}}]}""", "mounts[0].volumeOptions.labels[\"controlplane.id\"]")]
    [InlineData("""{"image":"x","networks":[{}]}""", "networks[0].name")]
    [InlineData("""{"image":"x","networks":[{"name":"bridge","aliases":["a"]}]}""", "networks[0].aliases")]
    [InlineData("""{"image":"x","networks":[{"name":"n1","aliases":["a b"]}]}""", "networks[0].aliases[0]")]
    [InlineData("""{"image":"x","networks":[{"name":"n1","ipv4Address":"::1"}]}""", "networks[0].ipv4Address")]
    [InlineData("""{"image":"x","networks":[{"name":"n1"},{"name":"n1"}]}""", "networks[1].name")]
    [InlineData("""{"image":"x","networkMode":"host","networks":[{"name":"n1"}]}""", "networkMode")]
    [InlineData("""{"image":"x","networkMode":"container:a/b"}""", "networkMode")]
    [InlineData("""{"image":"x","networkMode":"container:other","ports":[{"containerPort":80}]}""", "ports")]
    [InlineData("""{"image":"x","links":["a b"]}""", "links[0]")]
    [InlineData("""{"image":"x","volumesFrom":["db:rx"]}""", "volumesFrom[0]")]
    [InlineData("""{"image":"x","networkMode":"a b"}""", "networkMode")]
    [InlineData("""{"image":"x","resources":{"memoryBytes":6291455}}""", "resources.memoryBytes")]
    [InlineData("""{"image":"x","resources":{"memoryBytes":-1}}""", "resources.memoryBytes")]
    [InlineData("""{"image":"x","resources":{"memoryBytes":9223372036854775807}}""", "resources.memoryBytes")]
    [InlineData("""{"image":"x","resources":{"memoryBytes":10000000,"memoryReservationBytes":20000000}}""", "resources.memoryReservationBytes")]
    [InlineData("""{"image":"x","resources":{"nanoCpus":-1}}""", "resources.nanoCpus")]
    [InlineData("""{"image":"x","resources":{"nanoCpus":100000000,"nanoCpusReservation":200000000}}""", "resources.nanoCpusReservation")]
    [InlineData("""{"image":"x","resources":{"cpuShares":1}}""", "resources.cpuShares")]
    [InlineData("""{"image":"x","resources":{"pidsLimit":-2}}""", "resources.pidsLimit")]
    [InlineData("""{"image":"x","restartPolicy":{}}""", "restartPolicy.name")]
    [InlineData("""{"image":"x","restartPolicy":{"name":"Always"}}""", "restartPolicy.name")]
    [InlineData("""{"image":"x","restartPolicy":{"name":"always","maximumRetryCount":3}}""", "restartPolicy.maximumRetryCount")]
    [InlineData("""{"image":"x","restartPolicy":{"name":"on-failure","maximumRetryCount":-1}}""", "restartPolicy.maximumRetryCount")]
    [InlineData("""{"image":"x","user":"a b"}""", "user")]
    [InlineData("""{"image":"x","workingDir":"tmp"}""", "workingDir")]
    [InlineData("""{"image":"x","healthcheck":{"test":["ls"]}}""", "healthcheck.test")]
    [InlineData("""{"image":"x","healthcheck":{"test":["CMD-SHELL","a","b"]}}""", "healthcheck.test")]
    [InlineData("""{"image":"x","healthcheck":{"intervalSeconds":0.0001}}""", "healthcheck.intervalSeconds")]
    [InlineData("""{"image":"x","healthcheck":{"timeoutSeconds":-1}}""", "healthcheck.timeoutSeconds")]
    [InlineData("""{"image":"x","healthcheck":{"startPeriodSeconds":1e300}}""", "healthcheck.startPeriodSeconds")]
    [InlineData("""{"image":"x","healthcheck":{"retries":-1}}""", "healthcheck.retries")]
    [InlineData("""{"image":"x","healthcheck":{"disable":true,"retries":1}}""", "healthcheck.disable")]
    [InlineData("""{"image":"x","stopSignal":"SIGNOPE"}""", "stopSignal")]
    [InlineData("""{"image":"x","stopTimeoutSeconds":-2}""", "stopTimeoutSeconds")]
    [InlineData("""{"image":"x","hostname":"a b"}""", "hostname")]
    [InlineData("""{"image":"x","ulimits":[{"name":"nofile","soft":2,"hard":1}]}""", "ulimits[0].soft")]
    [InlineData("""{"image":"x","ulimits":[{"name":"nofile","soft":-1,"hard":1}]}""", "ulimits[0].soft")]
    [InlineData("""{"image":"x","ulimits":[{"name":"nofiles","soft":1}]}""", "ulimits[0].name")]
    [InlineData("""{"image":"x","ulimits":[{"name":"nofile","soft":1},{"name":"nofile","soft":1}]}""", "ulimits[1].name")]
    [InlineData("""{"image":"x","logging":{"options":{"a":"b"}}}""", "logging.driver")]
    [InlineData("""{"image":"x","capAdd":["NET_ADMINN"]}""", "capAdd[0]")]
    [InlineData("""{"image":"x","extraHosts":["db"]}""", "extraHosts[0]")]
    [InlineData("""{"image":"x","dns":["dns.example"]}""", "dns[0]")]
    [InlineData("""{"image":"x","constraints":[""]}""", "constraints[0]")]
    [InlineData("""{"image":"x","constraints":["zone=a"]}""", "constraints[0]")]
    [InlineData("""{"image":"x","affinities":["container==web","b==c"]}""", "affinities[1]")]
    [InlineData("""{"image":"x","reschedulePolicy":"maybe"}""", "reschedulePolicy")]
    [InlineData("""{"image":"x","platform":"linux"}""", "platform")]
    [InlineData("""{"image":"x","platform":"linux//v8"}""", "platform")]
    [InlineData("""{"image":"x","resources":{"generic":{"gpu":0}}}""", "resources.generic[\"gpu\"]")]
    [InlineData("""{"image":"x","strategy":"best"}""", "strategy")]
    [InlineData("""{"image":"x","collection":"Shared"}""", "collection")]
    [InlineData("""{"image":"x","collection":"/Shared/../x"}""", "collection")]
    [InlineData("""{"image":"x","pull":"always"}""", "pull")]
    public void Bad_input_is_refused_by_its_field(string json, string field)
    {
        var admitted = ContainerAdmission.Admit(Parse(json));

        admitted.IsValid.ShouldBeFalse();
        admitted.Errors.Select(e => e.Field).ShouldBe([field], string.Join("; ", admitted.Errors));
    }

    [Theory]
    [InlineData("""{"Image":"x"}""", "Image")]
    [InlineData("""{"image":"x","image":"y"}""", "image")]
    [InlineData("""{"image":"x","surprise":1}""", "surprise")]
    [InlineData("""{"image":7}""", "image")]
    [InlineData("""{"image":"x","env":["A=b"]}""", "env")]
    [InlineData("""{"image":"x","env":{"A":1}}""", "env[\"A\"]")]
    [InlineData("""{"image":"x","ports":{}}""", "ports")]
    [InlineData("""{"image":"x","ports":[{"containerPort":"80"}]}""", "ports[0].containerPort")]
    [InlineData("""{"image":"x","ports":[{"containerPort":80.5}]}""", "ports[0].containerPort")]
    [InlineData("""{"image":"x","ports":[null]}""", "ports[0]")]
    [InlineData("""{"image":"x","resources":{"memoryBytes":1e9}}""", "resources.memoryBytes")]
    [InlineData("""{"image":"x","start":"yes"}""", "start")]
    [InlineData("""{"image":"x","healthcheck":{"intervalSeconds":"1"}}""", "healthcheck.intervalSeconds")]
    public void Json_of_the_wrong_kind_is_refused_by_its_field(string json, string field)
    {
        var read = StrictJson.Read(Encoding.UTF8.GetBytes(json), RestJson.Default.ContainerCreateRequest);

        read.Errors.Select(e => e.Path).ShouldBe([field]);
    }

    [Fact]
    public void All_errors_are_named_at_once()
    {
        var admitted = ContainerAdmission.Admit(Parse("""{"name":"a","ports":[{"containerPort":0}],"resources":{"memoryBytes":1},"stopSignal":"x"}"""));

        admitted.Errors.Select(e => e.Field).ShouldBe(["image", "name", "ports[0].containerPort", "resources.memoryBytes", "stopSignal"], ignoreOrder: true);
    }

    [Fact]
    public void Oversized_collections_are_refused_as_a_whole()
    {
        var request = new ContainerCreateRequest
        {
            Image = "x",
            Env = Enumerable.Range(0, 1001).ToDictionary(i => $"V{i}", _ => "", StringComparer.Ordinal),
            Ports = [.. Enumerable.Range(1, 257).Select(i => new PortRequest { ContainerPort = i })],
        };

        ContainerAdmission.Admit(request).Errors.Select(e => e.Field).ShouldBe(["env", "ports"], ignoreOrder: true);
    }

    [Fact]
    public void The_least_request_is_an_image()
    {
        var admitted = ContainerAdmission.Admit(Parse("""{"image":"busybox"}"""));

        admitted.Errors.ShouldBeEmpty();
        admitted.Value!.Image!.ToString().ShouldBe("busybox:latest");
        admitted.Value.Start.ShouldBeTrue();
        admitted.Value.Pull.ShouldBe(PullPolicy.Missing);
        admitted.Value.Strategy.ShouldBeNull("the cluster's setting decides");
        Encoding.UTF8.GetString(ContainerSpecWriter.Write(admitted.Value.Spec)).ShouldBe("""{"Image":"busybox","HostConfig":{}}""");
    }

    [Fact]
    public void A_full_request_becomes_the_body_the_engine_accepts()
    {
        var admitted = ContainerAdmission.Admit(Parse(FullRequest));

        admitted.Errors.ShouldBeEmpty();
        var written = System.Text.Json.Nodes.JsonNode.Parse(ContainerSpecWriter.Write(admitted.Value!.Spec));
        System.Text.Json.Nodes.JsonNode.DeepEquals(written, System.Text.Json.Nodes.JsonNode.Parse(FullBody)).ShouldBeTrue(written!.ToJsonString());
        admitted.Value.Start.ShouldBeFalse();
        admitted.Value.Collection.ShouldBe("/Shared/Web");
        admitted.Value.FurtherNetworks.Select(n => n.Key).ShouldBe(["back"]);
    }

    [Fact]
    public void The_written_body_passes_the_strict_reader()
    {
        var body = ContainerSpecWriter.Write(ContainerAdmission.Admit(Parse(FullRequest)).Value!.Spec);

        ContainerSpecReader.Read(body).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void Demand_is_the_reservation_and_else_the_limit()
    {
        var full = ContainerAdmission.Admit(Parse(FullRequest)).Value!.Demand;
        var limits = ContainerAdmission.Admit(Parse("""{"image":"x","resources":{"memoryBytes":67108864,"nanoCpus":500000000}}""")).Value!.Demand;
        var none = ContainerAdmission.Admit(Parse("""{"image":"x"}""")).Value!.Demand;

        full.MemoryBytes.ShouldBe(33554432);
        full.NanoCpus.ShouldBe(250000000);
        full.HostPorts.ShouldBe([new HostPort(8080, "tcp", null), new HostPort(5353, "udp", "127.0.0.1")]);
        (limits.MemoryBytes, limits.NanoCpus).ShouldBe((67108864, 500000000));
        (none.MemoryBytes, none.NanoCpus, none.HostPorts.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void Demand_on_the_host_network_is_what_is_exposed()
    {
        var spec = ContainerSpecReader.Read("""{"ExposedPorts":{"80/tcp":{}},"HostConfig":{"NetworkMode":"host","CpuQuota":50000}}"""u8).Value!;

        SpecDemand.Of(spec).HostPorts.ShouldBe([new HostPort(80, "tcp", null)]);
        SpecDemand.Of(spec).NanoCpus.ShouldBe(500_000_000);
    }

    [Fact]
    public void Addresses_that_do_not_overlap_may_share_a_port()
    {
        ContainerAdmission.Admit(Parse("""{"image":"x","ports":[{"containerPort":80,"hostPort":1,"hostIp":"10.0.0.1"},{"containerPort":80,"hostPort":1,"hostIp":"10.0.0.2"},{"containerPort":80,"hostPort":1,"protocol":"udp"}]}""")).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void An_image_id_is_accepted_and_cannot_be_pulled()
    {
        var admitted = ContainerAdmission.Admit(new ContainerCreateRequest { Image = "sha256:" + new string('a', 64) });

        admitted.IsValid.ShouldBeTrue();
        admitted.Value!.Image.ShouldBeNull();
    }

    [Fact]
    public void A_value_may_have_lines()
    {
        ContainerAdmission.Admit(Parse("""{"image":"x","env":{"CERT":"-----BEGIN\n\tx\r\n"}}""")).Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{}""", "$")]
    [InlineData("""{"memoryBytes":1}""", "memoryBytes")]
    [InlineData("""{"memoryBytes":0}""", "memoryBytes")]
    [InlineData("""{"memoryBytes":10000000,"memoryReservationBytes":20000000}""", "memoryReservationBytes")]
    [InlineData("""{"nanoCpus":-1}""", "nanoCpus")]
    [InlineData("""{"pidsLimit":-5}""", "pidsLimit")]
    [InlineData("""{"restartPolicy":{"name":"sometimes"}}""", "restartPolicy.name")]
    public void Bad_updates_are_refused_by_their_field(string json, string field)
    {
        var request = StrictJson.Read(Encoding.UTF8.GetBytes(json), RestJson.Default.ContainerUpdateRequest).Value!;

        ContainerUpdateAdmission.Admit(request).Errors.Select(e => e.Field).ShouldBe([field]);
    }

    [Fact]
    public void An_update_becomes_the_engines_body()
    {
        var admitted = ContainerUpdateAdmission.Admit(new ContainerUpdateRequest { MemoryBytes = 67108864, RestartPolicy = new RestartPolicyRequest { Name = "always" } });

        var written = System.Text.Json.Nodes.JsonNode.Parse(ContainerSpecWriter.Write(admitted.Value!));
        System.Text.Json.Nodes.JsonNode.DeepEquals(written, System.Text.Json.Nodes.JsonNode.Parse("""{"Memory":67108864,"MemorySwap":134217728,"RestartPolicy":{"Name":"always"}}""")).ShouldBeTrue(written!.ToJsonString());
    }

    [Fact]
    public void A_rename_needs_a_good_name()
    {
        ContainerUpdateAdmission.Admit(new ContainerRenameRequest()).Errors.Single().Field.ShouldBe("name");
        ContainerUpdateAdmission.Admit(new ContainerRenameRequest { Name = "-" }).Errors.Single().Field.ShouldBe("name");
        ContainerUpdateAdmission.Admit(new ContainerRenameRequest { Name = "web" }).Value.ShouldBe("web");
    }

    private static ContainerCreateRequest Parse(string json)
    {
        var read = StrictJson.Read(Encoding.UTF8.GetBytes(json), RestJson.Default.ContainerCreateRequest);
        read.Errors.ShouldBeEmpty();
        return read.Value!;
    }

    private const string FullRequest = """
        {"name":"web-1","image":"docker.io/library/busybox:latest","command":["sleep","1"],"entrypoint":["/bin/sh"],"env":{"A":"b","EMPTY":""},
         "labels":{"app":"web"},"ports":[{"containerPort":80,"hostPort":8080},{"containerPort":80},{"containerPort":53,"hostPort":5353,"hostIp":"127.0.0.1","protocol":"udp"}],
         "mounts":[{"type":"volume","source":"data","target":"/data","volumeOptions":{"noCopy":true,"labels":{"a":"b"},"driver":"local"}},{"type":"bind","source":"/usr/share","target":"/share","readOnly":true},{"type":"tmpfs","target":"/t","tmpfsSizeBytes":1048576}],
         "networks":[{"name":"front","aliases":["www"],"ipv4Address":"10.5.0.9"},{"name":"back"}],
         "resources":{"memoryBytes":67108864,"memoryReservationBytes":33554432,"nanoCpus":500000000,"nanoCpusReservation":250000000,"cpuShares":512,"pidsLimit":100},
         "restartPolicy":{"name":"on-failure","maximumRetryCount":3},"user":"1000:1000","workingDir":"/tmp",
         "healthcheck":{"test":["CMD-SHELL","true"],"intervalSeconds":1.5,"timeoutSeconds":2,"startPeriodSeconds":3,"retries":3},
         "stopSignal":"SIGTERM","stopTimeoutSeconds":5,"hostname":"web-1","tty":true,"openStdin":true,"readOnlyRootfs":true,"init":true,
         "ulimits":[{"name":"nofile","soft":1024,"hard":2048}],"logging":{"driver":"json-file","options":{"max-size":"10m"}},
         "capAdd":["NET_ADMIN"],"capDrop":["MKNOD"],"privileged":false,"extraHosts":["db:10.0.0.2"],"dns":["10.0.0.1"],
         "constraints":["zone==a"],"affinities":[],"strategy":"spread","collection":"/Shared/Web","start":false,"pull":"missing"}
        """;

    private const string FullBody = """
        {"Image":"docker.io/library/busybox:latest","Cmd":["sleep","1"],"Entrypoint":["/bin/sh"],"Env":["A=b","EMPTY="],"Labels":{"app":"web"},
         "ExposedPorts":{"80/tcp":{},"53/udp":{}},"User":"1000:1000","WorkingDir":"/tmp","Hostname":"web-1","Tty":true,"OpenStdin":true,"StopSignal":"SIGTERM","StopTimeout":5,
         "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":1500000000,"Timeout":2000000000,"StartPeriod":3000000000,"Retries":3},
         "HostConfig":{"Memory":67108864,"MemoryReservation":33554432,"NanoCpus":500000000,"CpuShares":512,"PidsLimit":100,
          "PortBindings":{"80/tcp":[{"HostPort":"8080"},{"HostPort":""}],"53/udp":[{"HostIp":"127.0.0.1","HostPort":"5353"}]},
          "Mounts":[{"Type":"volume","Source":"data","Target":"/data","VolumeOptions":{"NoCopy":true,"Labels":{"a":"b"},"DriverConfig":{"Name":"local"}}},{"Type":"bind","Source":"/usr/share","Target":"/share","ReadOnly":true},{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576}}],
          "NetworkMode":"front","RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"ReadonlyRootfs":true,"Init":true,"Privileged":false,
          "Ulimits":[{"Name":"nofile","Soft":1024,"Hard":2048}],"LogConfig":{"Type":"json-file","Config":{"max-size":"10m"}},"CapAdd":["NET_ADMIN"],"CapDrop":["MKNOD"],"ExtraHosts":["db:10.0.0.2"],"Dns":["10.0.0.1"]},
         "NetworkingConfig":{"EndpointsConfig":{"front":{"Aliases":["www"],"IPAMConfig":{"IPv4Address":"10.5.0.9"}}}}}
        """;
}
