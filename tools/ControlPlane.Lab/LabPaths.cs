using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Lab;

/// <summary>Where a lab keeps what, and the names it uses on the machine; all of it follows from its directory.</summary>
public sealed class LabPaths
{
    // sockaddr_un holds 108 bytes with the closing zero.
    private const int LongestSocketPath = 107;

    public LabPaths(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..7];
    }

    public string Root { get; }

    /// <summary>A short text that is this lab's alone; interface names have at most 15 characters.</summary>
    public string Id { get; }

    public string AdminEnv => Path.Combine(Root, "admin.env");

    public string CaCertificate => Path.Combine(Root, "ca.pem");

    public string ServerPid => Path.Combine(Root, "server.pid");

    public string ServerLog => Path.Combine(Root, "server.log");

    public string Nodes => Path.Combine(Root, "nodes");

    internal string State => Path.Combine(Root, "lab.json");

    internal string Lock => Path.Combine(Root, "lab.lock");

    internal string Busybox => Path.Combine(Root, "busybox.tar");

    internal string Bridge => $"cp{Id}";

    internal string NamespacePrefix => $"cp-{Id}-";

    internal string VethPrefix => $"cp{Id}v";

    internal string RuleComment => $"controlplane-lab-{Id}";

    public string Node(string name) => Path.Combine(Nodes, name);

    internal void CheckSocketLength(string nodeName)
    {
        var socket = Path.Combine(Node(nodeName), "docker.sock");
        if (Encoding.UTF8.GetByteCount(socket) > LongestSocketPath)
        {
            throw new LabException(
                $"The data directory {Root} is too long: its socket paths would have more than {LongestSocketPath} bytes; choose a shorter --data.");
        }
    }

    /// <summary>Creates the directory and makes sure that it can be written.</summary>
    internal void Prepare()
    {
        if (File.Exists(Root))
        {
            throw new LabException($"The data directory {Root} is a file; choose another with --data.");
        }

        try
        {
            Directory.CreateDirectory(Nodes);
            var probe = Path.Combine(Root, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"The data directory {Root} cannot be written: {failure.Message}", failure);
        }
    }
}
