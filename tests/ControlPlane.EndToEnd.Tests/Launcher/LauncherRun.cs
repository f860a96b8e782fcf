using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Launcher;

/// <summary>The launcher as a person uses it: up, a container, down, up again. What was found on the way is written down here.</summary>
public sealed class LauncherRun : IAsyncLifetime
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(5);
    private readonly LabPaths _paths = new(LabDirectory.CreateTemporary());
    private readonly int _port = FreePort();

    public string Data => _paths.Root;

    public LabPaths Paths => _paths;

    internal CommandResult FirstUp { get; private set; } = new(-1, "", "");

    internal CommandResult SecondUp { get; private set; } = new(-1, "", "");

    internal CommandResult Down { get; private set; } = new(-1, "", "");

    internal CommandResult StatusWhileDown { get; private set; } = new(-1, "", "");

    /// <summary>Modes of the promised files while it ran.</summary>
    internal Dictionary<string, UnixFileMode> Modes { get; } = [];

    /// <summary>What curl got by nothing but admin.env.</summary>
    internal string CurledNodes { get; private set; } = "";

    internal IReadOnlyDictionary<string, string> FirstNodes { get; private set; } = new Dictionary<string, string>();

    internal IReadOnlyDictionary<string, string> SecondNodes { get; private set; } = new Dictionary<string, string>();

    internal string Container { get; private set; } = "";

    internal string ContainerAfterwards { get; private set; } = "";

    /// <summary>What of it was left on the machine after down.</summary>
    internal IReadOnlyList<string> Left { get; private set; } = [];

    public static Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(
        Path.Combine(Repository.Root, "controlplane"), arguments, UpLimit, environment: null, CancellationToken.None);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask InitializeAsync()
    {
        FirstUp = await UpAsync();
        FirstUp.ExitCode.ShouldBe(0, FirstUp.Error + FirstUp.Output);
        foreach (var file in new[] { "admin.env", "server.pid", "server.log", "ca.pem" }.Concat(
            new[] { "node-1", "node-2" }.SelectMany(node => new[] { "docker.sock", "dockerd.pid", "agent.pid", "agent.log" }.Select(file => $"nodes/{node}/{file}"))))
        {
            var path = Path.Combine(Data, file);
            if (File.Exists(path))
            {
                Modes[file] = File.GetUnixFileMode(path);
            }
        }

        const string curl = ". \"$1/admin.env\"; curl -sS --fail --cacert \"$CONTROLPLANE_CA\" -H \"Authorization: Bearer $CONTROLPLANE_TOKEN\" \"$CONTROLPLANE_URL/api/v1/nodes\"";
        var curled = await Command.RunAsync("/bin/sh", ["-c", curl, "sh", Data], CancellationToken.None);
        CurledNodes = curled.Output + curled.Error;
        using (var api = Open())
        {
            FirstNodes = await NodesAsync(api);
            Container = (await api.RunAsync(Specs.Sleeper("kept"))).Id;
        }

        Down = await RunAsync("down", "--data", Data);
        Left = await LeftAsync();
        StatusWhileDown = await RunAsync("status", "--data", Data);
        SecondUp = await UpAsync();
        SecondUp.ExitCode.ShouldBe(0, SecondUp.Error + SecondUp.Output);
        using (var api = Open())
        {
            SecondNodes = await NodesAsync(api);
            ContainerAfterwards = (await api.GetAsync($"/containers/{Container}")).Text;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "--data", Data);
        await Command.RunAsync("rm", ["-rf", "--one-file-system", Data], CancellationToken.None);
    }

    /// <summary>Processes, namespaces, mounts and interfaces that carry the directory's name or its hash.</summary>
    private async Task<IReadOnlyList<string>> LeftAsync()
    {
        const string script = """
            for p in /proc/[0-9]*; do
              [ "${p##*/}" = $$ ] || { tr '\0' ' ' <"$p/cmdline" 2>/dev/null | grep -F "$1/" | sed "s|^|process ${p##*/} |"; }
            done
            ls /run/netns 2>/dev/null | grep "$2"
            grep -F " $1/" /proc/mounts
            ls /sys/class/net | grep "$2"
            iptables-save 2>/dev/null | grep "$2"
            true
            """;
        var found = await Command.RunAsync("/bin/sh", ["-c", script, "sh", Data, _paths.Id], CancellationToken.None);
        return found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("/bin/sh -c", StringComparison.Ordinal)).ToList();
    }

    private Task<CommandResult> UpAsync() => RunAsync(
        "up", "--detach", "--nodes", "2", "--data", Data, "--node-labels", "node-1:zone=a,security=high",
        "--port", _port.ToString(CultureInfo.InvariantCulture));

    private ClusterApi Open() => new(new LabServer(new LabServerOptions { Directory = Data, Port = _port }).OpenApi());

    private static async Task<IReadOnlyDictionary<string, string>> NodesAsync(ClusterApi api) =>
        (await api.NodesAsync()).Where(node => node.State == "Ready").ToDictionary(node => node.Name, node => node.Id);
}
