using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Bench.Simulation;

/// <summary>What simulated nodes say of themselves: made from their names, so the same in each run.</summary>
internal static class SimulatedInventory
{
    private static readonly DateTime Begin = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static string NodeName(int index) => string.Create(CultureInfo.InvariantCulture, $"sim-{index:0000}");

    public static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static NodeDescription Describe(string node) => new()
    {
        EngineId = Hex(node)[..32],
        HostName = node,
        EngineVersion = "20.10.24",
        ApiVersion = "1.41",
        MinApiVersion = "1.12",
        OperatingSystem = "Debian GNU/Linux 12 (bookworm)",
        OsType = "linux",
        Architecture = "x86_64",
        KernelVersion = "6.1.0-18-amd64",
        StorageDriver = "overlay2",
        Cpus = 16,
        MemoryBytes = 64L << 30,
        EngineLabels = new Dictionary<string, string> { ["zone"] = $"z{Hex(node)[0]}", ["disk"] = "ssd" },
    };

    public static IReadOnlyList<ContainerReport> Of(string node, int count) =>
        [.. Enumerable.Range(0, count).Select(index => Container(node, index))];

    public static ContainerReport Container(string node, int index)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{(index % 3 == 0 ? "web" : index % 3 == 1 ? "api" : "job")}-{node}-{index}");
        var id = Hex(name);
        var running = index % 5 != 4;
        return new ContainerReport
        {
            EngineId = id,
            Name = name,
            Image = index % 3 == 0 ? "nginx:1.27" : "registry.example/team/service:2026.1",
            ImageId = "sha256:" + Hex("image"),
            Command = "/docker-entrypoint.sh nginx -g 'daemon off;'",
            CreatedAt = Begin.AddSeconds(Convert.ToInt32(id[..6], 16)),
            State = running ? "running" : "exited",
            StartedAt = Begin.AddDays(1),
            FinishedAt = running ? null : Begin.AddDays(2),
            Labels = new Dictionary<string, string>
            {
                ["com.docker.compose.project"] = node,
                ["com.docker.compose.service"] = name,
                ["tier"] = index % 3 == 0 ? "front" : "back",
            },
            Ports = running ? [new PortReport(80, "tcp", "0.0.0.0", 20_000 + index)] : [],
            Networks = running ? new Dictionary<string, string> { ["bridge"] = "172.17.0.2" } : [],
            Mounts = [$"volume:{name}:/var/lib/data"],
            MemoryBytes = 256L << 20,
            RestartPolicy = "unless-stopped",
        };
    }
}
