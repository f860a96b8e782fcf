namespace ControlPlane.Lab;

/// <summary>The lab's rules in the machine's own firewall, all marked by a comment.</summary>
internal static class HostRules
{
    // A machine with Docker drops what it forwards, also between two ports of one bridge.
    private const string Add = """
        bridge=$1 comment=$2 subnet=$3 outside=$4
        rule() { iptables -w "$@" -m comment --comment "$comment"; }
        rule -I INPUT -i "$bridge" -j ACCEPT
        rule -I FORWARD -i "$bridge" -o "$bridge" -j ACCEPT
        if [ "$outside" = yes ]; then
          rule -I FORWARD -i "$bridge" -j ACCEPT
          rule -I FORWARD -o "$bridge" -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
          rule -t nat -A POSTROUTING -s "$subnet" ! -d "$subnet" -j MASQUERADE
          [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || echo 1 >/proc/sys/net/ipv4/ip_forward
        fi
        """;

    private const string Remove = """
        for table in filter nat; do
          iptables -w -t $table -S 2>/dev/null | grep -F -- "--comment $1" | sed 's/^-A/-D/' |
            while read -r rule; do iptables -w -t $table $rule; done
        done
        """;

    public static async Task AddAsync(LabPaths paths, string subnet, bool outsideAccess, CancellationToken cancellationToken)
    {
        await RemoveAsync(paths, cancellationToken);
        await Command.ScriptAsync(
            "Adding firewall rules for the lab", Add,
            [paths.Bridge, paths.RuleComment, subnet, outsideAccess ? "yes" : "no"], cancellationToken);
    }

    public static async Task RemoveAsync(LabPaths paths, CancellationToken cancellationToken) =>
        await Command.RunAsync("/bin/sh", ["-c", Remove, "sh", paths.RuleComment], cancellationToken);
}
