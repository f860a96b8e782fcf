using System.Diagnostics;
using System.Globalization;
using System.Text;
using ControlPlane.Api.Tests.Access;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Random bodies of create: what admission judges is what the engine would be sent, and what the engine would read of the original.</summary>
public sealed class CreateFuzzTests(DockerWorld world, ITestOutputHelper output) : IClassFixture<DockerWorld>
{
    private const int Bodies = 20_000;
    private const int Seed = 20261123;

    private static readonly (string Key, string[] Values)[] Host =
    [
        ("Privileged", ["true", "false", "null", "1", "\"true\""]),
        ("Binds", ["[\"/etc:/host\"]", "[\"data:/data\"]", "[\"node-1/data:/data:ro\"]", "[\"own-node/data:/data\"]", "[\"../x:/y\"]", "[]", "null", "[null]"]),
        ("Mounts", ["[{\"Type\":\"bind\",\"Source\":\"/etc\",\"Target\":\"/t\"}]", "[{\"Type\":\"volume\",\"Source\":\"own-node/v\",\"Target\":\"/t\"}]", "[{\"type\":\"bind\",\"Source\":\"/\",\"Target\":\"/t\"}]",
            "[{\"Type\":\"volume\",\"Source\":\"v\",\"Target\":\"/t\",\"VolumeOptions\":{\"DriverConfig\":{\"Options\":{\"device\":\"/etc\",\"o\":\"bind\"}}}}]", "[]"]),
        ("NetworkMode", ["\"host\"", "\"bridge\"", "\"own-node/own-network\"", "\"own-network\"", "\"container:own-container\"", "\"container:hidden-container\"", "\"none\"", "\"\""]),
        ("PidMode", ["\"host\"", "\"container:own-container\"", "\"\""]),
        ("IpcMode", ["\"host\"", "\"private\"", "\"container:own-container\""]),
        ("UTSMode", ["\"host\"", "\"\""]),
        ("UsernsMode", ["\"host\"", "\"\""]),
        ("CapAdd", ["[\"SYS_ADMIN\"]", "[]", "\"ALL\"", "null"]),
        ("CapDrop", ["[\"ALL\"]", "[]"]),
        ("SecurityOpt", ["[\"seccomp=unconfined\"]", "[\"no-new-privileges\"]", "[]"]),
        ("Devices", ["[{\"PathOnHost\":\"/dev/sda\"}]", "[]"]),
        ("VolumesFrom", ["[\"own-container\"]", "[\"hidden-container\"]", "[]"]),
        ("Links", ["[\"own-container:x\"]", "[]"]),
        ("MaskedPaths", ["[]", "null"]),
        ("OomScoreAdj", ["-5", "5", "1e2", "99999999999999999999"]),
        ("Memory", ["67108864", "0", "-1", "1.5"]),
        ("PortBindings", ["{\"80/tcp\":[{\"HostPort\":\"8080\"}]}", "{\"80/tcp\":[{\"HostPort\":\"80\"}]}", "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8081\"}]}", "{}"]),
        ("LogConfig", ["{\"Type\":\"syslog\"}", "{\"Type\":\"json-file\"}", "{\"Type\":\"\",\"Config\":{}}"]),
        ("Runtime", ["\"runc\"", "\"other\"", "\"\""]),
        ("CgroupParent", ["\"/x\"", "\"\""]),
        ("Sysctls", ["{\"net.core.somaxconn\":\"1\"}", "{}"]),
        ("RestartPolicy", ["{\"Name\":\"always\"}", "{\"Name\":\"no\",\"MaximumRetryCount\":0}"]),
        ("ExtraHosts", ["[\"a:10.0.0.1\"]"]),
    ];

    private static readonly (string Key, string[] Values)[] Top =
    [
        ("Image", ["\"own-image:1\"", "\"own-image:1\"", "\"own-image:1\"", "\"\"", "null", "\"a b\""]),
        ("Cmd", ["[\"true\"]", "\"true\"", "null", "[1]"]),
        ("Env", ["[\"A=b\"]", "[\"constraint:node==own-node\"]", "[\"affinity:x==y\",\"A=b\"]", "[\"constraint:bad\"]", "[\"\\u0000\"]"]),
        ("Labels", ["{\"a\":\"b\"}", "{\"controlplane.id\":\"1\"}", "{\"com.docker.swarm.constraints\":\"[\\\"zone==a\\\"]\"}", "{\"com.docker.ucp.access.label\":\"/own\"}", "{\"com.docker.ucp.access.label\":\"/hidden-place\"}"]),
        ("User", ["\"0\"", "\"1000\""]),
        ("WorkingDir", ["\"/x\"", "\"/proc/self/fd/8\""]),
        ("ExposedPorts", ["{\"80/tcp\":{}}", "{\"80/tcp\":{\"x\":1}}"]),
        ("Volumes", ["{\"/data\":{}}"]),
        ("NetworkingConfig", ["{\"EndpointsConfig\":{\"own-network\":{}}}", "{\"EndpointsConfig\":{\"host\":{}}}", "{\"EndpointsConfig\":{\"own-network\":{\"Links\":[\"own-container:x\"]},\"bridge\":null}}"]),
        ("Hostname", ["\"h\""]),
        ("Unknown", ["1"]),
    ];

    [Fact]
    public async Task What_is_judged_is_what_the_engine_would_get()
    {
        await world.PersonAsync("restricted-control", AccessCluster.Own);
        var user = await world.UserAsync("restricted-control-own");
        var caller = new Caller { Kind = CallerKind.Token, Id = user.Id, Name = user.Name, IsAdministrator = false, DefaultCollection = AccessCluster.Own, RequestId = "fuzz" };
        var check = world.Cluster.Get<AdmissionCheck>();
        var random = new Random(Seed);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {Seed}, {Bodies} bodies."));
        var (read, planned, admitted, reaching) = (0, 0, 0, 0);
        var started = Stopwatch.GetTimestamp();

        for (var i = 0; i < Bodies; i++)
        {
            var text = Body(random);
            var parsed = StrictJson.Read(Encoding.UTF8.GetBytes(text), EngineJson.Default.ContainerSpec);
            if (!parsed.IsValid)
            {
                continue;
            }

            read++;
            // What is accepted is read alike by the engine.
            Options(Engine(Encoding.UTF8.GetBytes(text), text)).ShouldBe(Options(parsed.Value), text);
            var plan = ContainerPlan.From(
                new EngineCreate(parsed.Value, null, null, true).Admit(), AccessCluster.Own, caller, world.Cluster.Get<ClusterState>(), world.Cluster.Get<ContainerQueries>(), world.Cluster.Get<Authorizer>());
            if (!plan.IsSuccess)
            {
                continue;
            }

            planned++;
            var sent = Engine(ContainerSpecWriter.Write(plan.Value.On("own-node").Spec), text);
            var judged = Options(plan.Value.Admitted.Spec);
            Options(sent).ShouldBe(judged, text);
            Labels(sent, text);
            var refusals = await check.CreateAsync(caller, AccessCluster.Own, plan.Value.Admitted.Spec, mayPull: true, CancellationToken.None);
            if (refusals.Count == 0)
            {
                admitted++;
                judged.ShouldBe("", text);
            }
            else if (judged.Length > 0)
            {
                reaching++;
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{read} read, {planned} planned, {admitted} admitted, {reaching} refused for the host, {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
        // None of the ways through is empty.
        read.ShouldBeInRange(Bodies / 20, Bodies - (Bodies / 20));
        planned.ShouldBeGreaterThan(500);
        admitted.ShouldBeGreaterThan(50);
        reaching.ShouldBeGreaterThan(200);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    private static ContainerSpec Engine(byte[] json, string original)
    {
        var node = GoReading.Read(json, EngineJson.Default.ContainerSpec);
        var read = StrictJson.Read(Encoding.UTF8.GetBytes(node!.ToJsonString()), EngineJson.Default.ContainerSpec);
        read.IsValid.ShouldBeTrue($"{original}\n{string.Join("; ", read.Errors)}");
        return read.Value;
    }

    private static void Labels(ContainerSpec sent, string original)
    {
        sent.Labels!["controlplane.collection"].ShouldBe(AccessCluster.Own, original);
        sent.Labels["controlplane.owner"].ShouldBe("restricted-control-own", original);
        sent.Labels["controlplane.id"].Length.ShouldBe(64, original);
        (sent.Env ?? []).ShouldAllBe(one => !one.StartsWith("constraint:", StringComparison.Ordinal) && !one.StartsWith("affinity:", StringComparison.Ordinal));
    }

    /// <summary>What of it reaches the host; other containers stand there by id in the one and by name in the other.</summary>
    private static string Options(ContainerSpec spec) =>
        string.Join('\n', HostOptions.Of(spec).Select(option => $"{option.Field} {option.Permission}").Order(StringComparer.Ordinal));

    private static string Body(Random random)
    {
        var members = new List<string>();
        foreach (var (key, values) in Top)
        {
            if (key == "Image" || random.Next(6) == 0)
            {
                members.Add(Member(random, key, values));
            }
        }

        if (random.Next(5) > 0)
        {
            var host = Host.Where(_ => random.Next(14) == 0).Select(one => Member(random, one.Key, one.Values)).ToList();
            if (random.Next(40) == 0 && host.Count > 0)
            {
                host.Add(Member(random, Host[random.Next(Host.Length)].Key, Host[random.Next(Host.Length)].Values));
            }

            members.Add($"{Key(random, "HostConfig")}:{{{string.Join(',', host)}}}");
            if (random.Next(40) == 0)
            {
                members.Add($"{Key(random, "HostConfig")}:{{\"Privileged\":true}}");
            }
        }

        var body = "{" + string.Join(',', members.OrderBy(_ => random.Next())) + "}";
        return random.Next(60) switch
        {
            0 => body + "{\"HostConfig\":{\"Privileged\":true}}",
            1 => body + " \n\t",
            2 => "\ufeff" + body,
            3 => body[..random.Next(body.Length)],
            4 => body.Insert(random.Next(body.Length), new string((char)random.Next(0x20, 0x7f), 1)),
            _ => body,
        };
    }

    // Half of what is drawn is the likely value, so that many bodies get far.
    private static string Member(Random random, string key, string[] values) => $"{Key(random, key)}:{values[random.Next(values.Length)]}";

    private static string Key(Random random, string key) => random.Next(50) switch
    {
        0 => $"\"{key.ToLowerInvariant()}\"",
        1 => $"\"{key.ToUpperInvariant()}\"",
        2 => $"\"{key.Replace('s', '\u017f').Replace('k', '\u212a')}\"",
        3 => string.Create(CultureInfo.InvariantCulture, $"\"\\u{(int)key[0]:x4}{key[1..]}\""),
        4 => $"\"{key}\\u0000\"",
        5 => $"\"{key} \"",
        _ => $"\"{key}\"",
    };
}
