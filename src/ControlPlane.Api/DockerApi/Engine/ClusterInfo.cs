using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Engine;

/// <summary><c>docker version</c> and <c>docker info</c> for the cluster; the rows of nodes as classic Swarm's, which clients print from <c>SystemStatus</c>.</summary>
internal sealed class ClusterInfo(ClusterState state, Authorizer authorizer, TimeProvider clock)
{
    private const string Filters = "health, availability, platform, port, slots, dependency, affinity, constraint, resources";

    private static readonly string ProductVersion = typeof(ClusterInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static Error? WriteVersion(DockerCall call) => call.Write(200, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("Platform");
        json.WriteString("Name", "ControlPlane");
        json.WriteEndObject();
        json.WriteString("Version", "controlplane/" + ProductVersion);
        json.WriteString("ApiVersion", DockerVersion.Newest.ToString());
        json.WriteString("MinAPIVersion", DockerVersion.Oldest.ToString());
        json.WriteString("GitCommit", "");
        json.WriteString("GoVersion", "");
        json.WriteString("Os", "linux");
        json.WriteString("Arch", Architecture());
        json.WriteString("KernelVersion", Environment.OSVersion.Version.ToString());
        json.WriteString("BuildTime", "");
        json.WriteStartArray("Components");
        json.WriteStartObject();
        json.WriteString("Name", "Engine");
        json.WriteString("Version", "controlplane/" + ProductVersion);
        json.WriteStartObject("Details");
        json.WriteString("ApiVersion", DockerVersion.Newest.ToString());
        json.WriteString("MinAPIVersion", DockerVersion.Oldest.ToString());
        json.WriteString("Os", "linux");
        json.WriteString("Arch", Architecture());
        json.WriteString("Experimental", "false");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public Error? WriteInfo(DockerCall call)
    {
        var cluster = state.Current;
        var sight = new CollectionSight(authorizer, call.Caller, Permission.NodesRead);
        var containers = Containers(cluster, call.Caller);
        NodeRecord[] nodes = [.. cluster.Nodes.Values.Where(node => sight.Of(node.Collection)).OrderBy(node => node.Name, NaturalOrder.Instance)];
        return call.Write(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("ID", "");
            json.WriteNumber("Containers", containers.Values.Sum(count => count.All));
            json.WriteNumber("ContainersRunning", containers.Values.Sum(count => count.Running));
            json.WriteNumber("ContainersPaused", containers.Values.Sum(count => count.Paused));
            json.WriteNumber("ContainersStopped", containers.Values.Sum(count => count.Stopped));
            json.WriteNumber("Images", nodes.Sum(node => node.Images.Length));
            json.WriteString("Driver", "");
            json.WriteNull("DriverStatus");
            WriteRows(json, cluster, nodes, containers);
            json.WriteStartObject("Plugins");
            foreach (var kind in (ReadOnlySpan<string>)["Volume", "Network", "Authorization", "Log"])
            {
                json.WriteNull(kind);
            }

            json.WriteEndObject();
            foreach (var can in (ReadOnlySpan<string>)["MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding", "BridgeNfIptables", "BridgeNfIp6tables", "OomKillDisable"])
            {
                json.WriteBoolean(can, true);
            }

            json.WriteBoolean("Debug", false);
            json.WriteString("SystemTime", clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture));
            json.WriteString("KernelVersion", Environment.OSVersion.Version.ToString());
            json.WriteString("OperatingSystem", "linux");
            json.WriteString("OSType", "linux");
            json.WriteString("Architecture", Architecture());
            json.WriteNumber("NCPU", nodes.Sum(node => node.Description?.Cpus ?? 0));
            json.WriteNumber("MemTotal", nodes.Sum(node => node.Description?.MemoryBytes ?? 0));
            json.WriteString("IndexServerAddress", "https://index.docker.io/v1/");
            json.WriteNull("RegistryConfig");
            json.WriteString("Name", Environment.MachineName);
            json.WriteNull("Labels");
            json.WriteBoolean("ExperimentalBuild", false);
            json.WriteString("ServerVersion", "controlplane/" + ProductVersion);
            json.WriteStartObject("Swarm");
            json.WriteString("NodeID", "");
            json.WriteString("LocalNodeState", "inactive");
            json.WriteBoolean("ControlAvailable", false);
            json.WriteEndObject();
            json.WriteNull("Warnings");
            json.WriteEndObject();
        });
    }

    private Dictionary<string, Counted> Containers(ClusterSnapshot cluster, Caller caller)
    {
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var counts = new Dictionary<string, Counted>(StringComparer.Ordinal);
        foreach (var container in cluster.AllContainers)
        {
            if (sight.Of(container.Collection))
            {
                counts[container.NodeId] = counts.GetValueOrDefault(container.NodeId).With(container.State);
            }
        }

        return counts;
    }

    private static void WriteRows(Utf8JsonWriter json, ClusterSnapshot cluster, NodeRecord[] nodes, Dictionary<string, Counted> containers)
    {
        json.WriteStartArray("SystemStatus");
        Row(json, "Role", "primary");
        Row(json, "Strategy", cluster.Scheduling.Strategy);
        Row(json, "Filters", Filters);
        Row(json, "Nodes", nodes.Length.ToString(CultureInfo.InvariantCulture));
        foreach (var node in nodes)
        {
            var description = node.Description;
            var count = containers.GetValueOrDefault(node.Id);
            Row(json, " " + node.Name, description is null ? "" : node.AddressOrName);
            Row(json, "  └ ID", $"{description?.EngineId ?? ""}|{node.Id}");
            Row(json, "  └ Status", node.State == NodeState.Ready ? "Healthy" : node.State.ToString());
            Row(json, "  └ Availability", node.Availability.ToString());
            Row(json, "  └ Containers", node.State == NodeState.Ready
                ? string.Create(CultureInfo.InvariantCulture, $"{count.All} ({count.Running} Running, {count.Paused} Paused, {count.Stopped} Stopped)")
                : count.All.ToString(CultureInfo.InvariantCulture));
            Row(json, "  └ Reserved CPUs", string.Create(CultureInfo.InvariantCulture, $"{node.Reserved.NanoCpus / 1e9:0.##} / {description?.Cpus ?? 0}"));
            Row(json, "  └ Reserved Memory", $"{Size(node.Reserved.MemoryBytes)} / {Size(description?.MemoryBytes ?? 0)}");
            Row(json, "  └ Labels", string.Join(", ", Labels(node)));
            if (node.StateReason.Length > 0)
            {
                Row(json, "  └ Error", node.StateReason);
            }

            Row(json, "  └ UpdatedAt", (node.SyncedAt ?? node.StateSince).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            Row(json, "  └ ServerVersion", description?.EngineVersion ?? "");
        }

        json.WriteEndArray();
    }

    private static IEnumerable<string> Labels(NodeRecord node)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (node.Description is { } engine)
        {
            labels["kernelversion"] = engine.KernelVersion;
            labels["operatingsystem"] = engine.OperatingSystem;
            labels["ostype"] = engine.OsType;
            labels["storagedriver"] = engine.StorageDriver;
        }

        foreach (var (key, value) in node.Labels)
        {
            labels[key] = value;
        }

        return labels.Select(label => $"{label.Key}={label.Value}");
    }

    private static void Row(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartArray();
        json.WriteStringValue(key);
        json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string Size(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var (size, unit) = ((double)bytes, 0);
        while (size >= 1024 && unit < units.Length - 1)
        {
            (size, unit) = (size / 1024, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.##} {units[unit]}");
    }

    private static string Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private readonly record struct Counted(int All, int Running, int Paused, int Stopped)
    {
        public Counted With(string state) => state switch
        {
            "running" or "restarting" => this with { All = All + 1, Running = Running + 1 },
            "paused" => this with { All = All + 1, Paused = Paused + 1 },
            _ => this with { All = All + 1, Stopped = Stopped + 1 },
        };
    }
}
