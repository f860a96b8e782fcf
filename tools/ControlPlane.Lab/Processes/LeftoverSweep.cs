using System.Globalization;

namespace ControlPlane.Lab;

/// <summary>
/// Removes everything of a lab from the machine. It needs nothing but the directory's path: names follow from it, and
/// processes are found by namespace, command line and control group, so half-started and killed labs end as well.
/// </summary>
internal static class LeftoverSweep
{
    // Host ends first: a namespace that some process still holds would keep its veth pair.
    private const string RemoveNetwork = """
        bridge=$1 veth=$2 namespaces=$3
        for path in /sys/class/net/"$veth"*; do
          [ ! -e "$path" ] || ip link del "${path##*/}" 2>/dev/null || true
        done
        [ ! -e /sys/class/net/"$bridge" ] || ip link del "$bridge"
        for path in /run/netns/"$namespaces"*; do
          [ ! -e "$path" ] || ip netns del "${path##*/}"
        done
        # The mount that ip itself made with its first namespace.
        if mountpoint -q /run/netns && [ -z "$(ls -A /run/netns)" ]; then umount /run/netns 2>/dev/null || true; fi
        """;

    private const string RemoveMounts = """
        awk -v top="$1/" 'index($2, top) == 1 { print $2 }' /proc/mounts | tac | while read -r path; do umount -l "$path"; done
        """;

    public static async Task RunAsync(LabPaths paths, CancellationToken cancellationToken)
    {
        await Deadline.UntilAsync(
            $"The end of the processes of {paths.Root}", TimeSpan.FromSeconds(30),
            async cancellation =>
            {
                var left = await FindAsync(paths, cancellation);
                foreach (var pid in left)
                {
                    ProcessTable.Signal(pid, ProcessTable.Kill);
                }

                return left.Count == 0;
            },
            cancellationToken);
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        await Command.ScriptAsync(
            "Removing the lab's network", RemoveNetwork,
            [paths.Bridge, paths.VethPrefix, paths.NamespacePrefix], cancellationToken);
        await HostRules.RemoveAsync(paths, cancellationToken);
        await Command.ScriptAsync("Removing the lab's mounts", RemoveMounts, [paths.Root], cancellationToken);
        RemoveControlGroups(paths);
    }

    /// <summary>Every running process of the lab.</summary>
    public static async Task<IReadOnlySet<int>> FindAsync(LabPaths paths, CancellationToken cancellationToken)
    {
        var containers = ContainerIds(paths).ToHashSet();
        string[] marks =
        [
            $"--Server:DataDirectory {paths.Root} ", $"--data {paths.Nodes}/", $"--data-root {paths.Nodes}/", $"-D {paths.Root}/data ",
        ];
        var roots = ProcessTable.All()
            .Where(pid => marks.Any(ProcessTable.CommandLine(pid).Contains) || IsIn(containers, pid))
            .ToHashSet();
        foreach (var name in Namespaces(paths))
        {
            var pids = await Command.RunAsync("ip", ["netns", "pids", name], cancellationToken);
            roots.UnionWith(pids.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)));
        }

        roots.UnionWith(ProcessTable.Descendants(roots));
        roots.Remove(Environment.ProcessId);
        roots.RemoveWhere(pid => !ProcessTable.IsRunning(pid));
        return roots;
    }

    private static IEnumerable<string> Namespaces(LabPaths paths) => Directory.Exists("/run/netns")
        ? Directory.EnumerateFiles("/run/netns", paths.NamespacePrefix + "*").Select(path => Path.GetFileName(path))
        : [];

    private static IEnumerable<string> ContainerIds(LabPaths paths) => Directory.Exists(paths.Nodes)
        ? Directory.EnumerateDirectories(paths.Nodes)
            .Select(node => Path.Combine(node, "data/containers"))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(path => Path.GetFileName(path))
        : [];

    private static bool IsIn(HashSet<string> containers, int pid) => containers.Count > 0
        && ProcessTable.ControlGroups(pid).Split('\n', '/', ':').Any(containers.Contains);

    // A container whose engine was killed leaves its empty groups behind.
    private static void RemoveControlGroups(LabPaths paths)
    {
        var ids = ContainerIds(paths).ToList();
        if (ids.Count == 0 || !Directory.Exists("/sys/fs/cgroup"))
        {
            return;
        }

        var parents = Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup")
            .Select(hierarchy => Path.Combine(hierarchy, "docker")).Where(Directory.Exists);
        foreach (var group in parents.SelectMany(parent => ids.Select(id => Path.Combine(parent, id))).Where(Directory.Exists))
        {
            try
            {
                Directory.Delete(group);
            }
            catch (IOException)
            {
                // Groups below it are somebody's own; the kernel keeps them.
            }
        }
    }
}
