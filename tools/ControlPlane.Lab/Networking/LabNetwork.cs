using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Lab;

/// <summary>One bridge per lab, one namespace with a veth pair per node.</summary>
public sealed partial class LabNetwork
{
    // Two labs that start together must not pick the same subnet.
    private const string MachineLock = "/run/controlplane-lab.lock";

    private const string CreateBridge = """
        ip link add name "$1" type bridge forward_delay 0
        ip addr add "$2/24" dev "$1"
        ip link set "$1" up
        """;

    private const string CreateNode = """
        ns=$1 veth=$2 bridge=$3 address=$4 gateway=$5
        ip netns add "$ns"
        ip link add "$veth" type veth peer name eth0 netns "$ns"
        ip link set "$veth" master "$bridge" up
        ip -n "$ns" addr add "$address/24" dev eth0
        ip -n "$ns" link set lo up
        ip -n "$ns" link set eth0 up
        ip -n "$ns" route add default via "$gateway"
        """;

    private readonly LabPaths _paths;

    private LabNetwork(LabPaths paths, int subnet)
    {
        _paths = paths;
        Subnet = $"10.199.{subnet}.0/24";
        HostAddress = $"10.199.{subnet}.1";
    }

    public string Subnet { get; }

    /// <summary>The machine itself, as the nodes see it.</summary>
    public string HostAddress { get; }

    /// <summary>Finds the lab's bridge or creates it on a free subnet.</summary>
    internal static async Task<LabNetwork> OpenAsync(LabPaths paths, bool outsideAccess, CancellationToken cancellationToken)
    {
        await using var taken = await ExclusiveFile.TakeAsync(
            MachineLock, "Another lab is busy setting up its network.", TimeSpan.FromSeconds(30), cancellationToken);
        var used = await UsedSubnetsAsync(cancellationToken);
        var own = used.FirstOrDefault(item => item.Device == paths.Bridge);
        if (own.Device is not null)
        {
            return new LabNetwork(paths, own.Subnet);
        }

        var first = Convert.ToInt32(paths.Id[..4], 16);
        var subnet = Enumerable.Range(0, 254).Select(offset => 1 + ((first + offset) % 254))
            .FirstOrDefault(candidate => used.All(item => item.Subnet != candidate), 0);
        if (subnet == 0)
        {
            throw new LabException("No subnet below 10.199.0.0/16 is free on this machine.");
        }

        var network = new LabNetwork(paths, subnet);
        await Command.ScriptAsync("Deleting a bridge without address", "ip link del \"$1\" 2>/dev/null || true", [paths.Bridge], cancellationToken);
        await Command.ScriptAsync("Creating the lab's bridge", CreateBridge, [paths.Bridge, network.HostAddress], cancellationToken);
        await HostRules.AddAsync(paths, network.Subnet, outsideAccess, cancellationToken);
        return network;
    }

    internal string AddressOf(int index) => string.Create(
        CultureInfo.InvariantCulture, $"{HostAddress[..HostAddress.LastIndexOf('.')]}.{10 + index}");

    internal string NamespaceOf(string node) => _paths.NamespacePrefix + node;

    /// <summary>Creates what is missing of a node's namespace; a half made one is made again.</summary>
    internal async Task AddNodeAsync(string node, int index, CancellationToken cancellationToken)
    {
        var name = NamespaceOf(node);
        var veth = string.Create(CultureInfo.InvariantCulture, $"{_paths.VethPrefix}{index}");
        var address = AddressOf(index);
        var routes = await Command.RunAsync("ip", ["-n", name, "route"], cancellationToken);
        if (routes.Succeeded && routes.Output.Contains($"default via {HostAddress} ", StringComparison.Ordinal)
            && routes.Output.Contains($"src {address}", StringComparison.Ordinal)
            && Directory.Exists($"/sys/class/net/{veth}"))
        {
            return;
        }

        await Command.RunAsync("ip", ["link", "del", veth], cancellationToken);
        await Command.RunAsync("ip", ["netns", "del", name], cancellationToken);
        await Command.ScriptAsync(
            $"Creating the network of {node}", CreateNode,
            [name, veth, _paths.Bridge, address, HostAddress], cancellationToken);
    }

    internal async Task CutAsync(string node, NetworkCut cut, CancellationToken cancellationToken)
    {
        await HealAsync(node, cancellationToken);
        if (cut is NetworkCut.Both or NetworkCut.Incoming)
        {
            await InNodeAsync(node, ["-t", "raw", "-I", "PREROUTING", "-i", "eth0"], cancellationToken);
        }

        if (cut is NetworkCut.Both or NetworkCut.Outgoing)
        {
            await InNodeAsync(node, ["-t", "mangle", "-I", "POSTROUTING", "-o", "eth0"], cancellationToken);
        }
    }

    internal async Task HealAsync(string node, CancellationToken cancellationToken)
    {
        const string script = """
            while nsenter --net="$1" iptables -w -t raw -D PREROUTING -i eth0 -j DROP; do :; done 2>/dev/null
            while nsenter --net="$1" iptables -w -t mangle -D POSTROUTING -o eth0 -j DROP; do :; done 2>/dev/null
            """;
        await Command.ScriptAsync($"Healing {node}", script, [NamespacePath(node)], cancellationToken);
    }

    internal string NamespacePath(string node) => $"/run/netns/{NamespaceOf(node)}";

    // raw and mangle, not filter: they also hold forwarded packets of containers, and dockerd has no rules there.
    private async Task InNodeAsync(string node, IReadOnlyList<string> rule, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(
            "nsenter", [$"--net={NamespacePath(node)}", "iptables", "-w", .. rule, "-j", "DROP"], cancellationToken);
        _ = result.OutputOrThrow($"Cutting the network of {node}");
    }

    private static async Task<List<(string? Device, int Subnet)>> UsedSubnetsAsync(CancellationToken cancellationToken)
    {
        var addresses = (await Command.RunAsync("ip", ["-o", "-4", "addr"], cancellationToken)).OutputOrThrow("ip addr");
        var routes = (await Command.RunAsync("ip", ["-o", "-4", "route"], cancellationToken)).OutputOrThrow("ip route");
        var used = new List<(string?, int)>();
        foreach (Match match in OwnAddress().Matches(addresses))
        {
            used.Add((match.Groups["device"].Value, SubnetOf(match)));
        }

        foreach (Match match in AnyRoute().Matches(routes))
        {
            used.Add((null, SubnetOf(match)));
        }

        return used;
    }

    private static int SubnetOf(Match match) => int.Parse(match.Groups["subnet"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\d+: (?<device>\S+) +inet 10\.199\.(?<subnet>\d+)\.", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex OwnAddress();

    [GeneratedRegex(@"\b10\.199\.(?<subnet>\d+)\.", RegexOptions.ExplicitCapture)]
    private static partial Regex AnyRoute();
}
