using System.Globalization;

namespace ControlPlane.Lab;

/// <summary>One private dockerd in its node's network namespace.</summary>
internal sealed class EngineProcess(string name, int index, string directory, IReadOnlyDictionary<string, string> labels)
{
    // Everything below /run that engines share by default is the node's own here: the exec root, containerd's shims,
    // and a system containerd that dockerd would otherwise use. Foreign namespaces are let go, or they would live on here.
    private const string Enter = """
        name=$1 dir=$2; shift 2
        hostname "$name"
        umount -l -R /run/netns 2>/dev/null || true
        mount --bind "$dir/etc" /etc/docker
        mount --bind "$dir/exec" /run/docker
        mount --bind "$dir/shims" /run/containerd
        exec dockerd "$@"
        """;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    public string Socket { get; } = Path.Combine(directory, "docker.sock");

    public DetachedProcess Process { get; } = new(
        Path.Combine(directory, "dockerd.pid"), Path.Combine(directory, "dockerd.log"), $"--data-root {directory}/");

    public async Task StartAsync(LabNetwork network, CancellationToken cancellationToken)
    {
        await network.AddNodeAsync(name, index, cancellationToken);
        Process.Thaw();
        if (!Process.IsRunning)
        {
            foreach (var path in (string[])["etc", "exec", "shims", "data"])
            {
                Directory.CreateDirectory(Path.Combine(directory, path));
            }

            foreach (var mountPoint in (string[])["/etc/docker", "/run/docker", "/run/containerd"])
            {
                Directory.CreateDirectory(mountPoint);
            }

            File.Delete(Path.Combine(directory, "exec/docker.pid"));
            await EndOldContainerdAsync(cancellationToken);
            await Process.StartAsync(
                [
                    "nsenter", $"--net={network.NamespacePath(name)}", "unshare", "-u", "-m",
                    "/bin/sh", "-ec", Enter, "sh", name, directory, .. Arguments(network),
                ],
                environment: null, cancellationToken);
        }

        await WaitAsync(cancellationToken);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var gone = false;
        var answers = await Deadline.HoldsWithinAsync(
            StartLimit,
            async cancellation =>
            {
                gone = !Process.IsRunning;
                return gone || await EngineSocket.AnswersAsync(Socket, cancellation);
            },
            cancellationToken);
        if (gone || !answers)
        {
            throw new LabException(
                $"The engine of {name} did not start; {Process.LogFile} ends with: {Process.LastLogLine()}");
        }
    }

    // It would mount in the mount namespace of a dockerd that is gone; and dockerd waits in vain for one whose
    // pid is still in the table though it has ended.
    private async Task EndOldContainerdAsync(CancellationToken cancellationToken)
    {
        var old = new DetachedProcess($"{directory}/exec/containerd/containerd.pid", "", "containerd ");
        await old.KillAsync(cancellationToken);
        if (File.Exists(old.PidFile))
        {
            File.Delete(old.PidFile);
        }
    }

    private IEnumerable<string> Arguments(LabNetwork network) =>
    [
        "--host", $"unix://{Socket}",
        "--data-root", $"{directory}/data",
        "--exec-root", "/run/docker",
        "--pidfile", "/run/docker/docker.pid",
        "--bip", string.Create(CultureInfo.InvariantCulture, $"172.30.{index}.1/24"),
        "--insecure-registry", network.Subnet,
        "--exec-opt", "native.cgroupdriver=cgroupfs",
        .. labels.SelectMany(label => (string[])["--label", $"{label.Key}={label.Value}"]),
    ];
}
