using System.Globalization;
using System.Net.Sockets;

namespace ControlPlane.Lab;

/// <summary>Settles what is to be started, and refuses in one sentence what cannot be.</summary>
internal static class LabChecks
{
    // Addresses .11 to .254 of the lab's subnet.
    private const int MostNodes = 244;

    public static LabOptions Resolve(LabOptions options, LabPaths paths)
    {
        var remembered = LabState.Read(paths);
        if (options.Nodes is < 0 or > MostNodes)
        {
            throw new LabException($"The number of nodes must be from 1 to {MostNodes}.");
        }

        CheckLabels(options);
        if (options.Nodes > 0)
        {
            if (!Environment.IsPrivilegedProcess)
            {
                throw new LabException("Private engines need root; run as root, or without --nodes for this machine's own engine.");
            }

            paths.CheckSocketLength($"node-{options.Nodes}");
        }
        else
        {
            CheckMachineEngine(options.MachineEngineSocket);
        }

        if (options.WithControlPlane)
        {
            CheckBuilt(options.ServerDll);
            CheckBuilt(options.AgentBinary);
        }

        var port = options.Port != 0 ? options.Port : remembered?.Port is > 0 ? remembered.Port : FreePort.Pick();
        CheckRunningServer(port, remembered, paths);
        return options with { Port = port };
    }

    private static void CheckRunningServer(int port, LabState? remembered, LabPaths paths)
    {
        var server = new DetachedProcess(paths.ServerPid, paths.ServerLog, $"--Server:DataDirectory {paths.Root} ");
        if (remembered is not null && remembered.Port != port && server.IsRunning)
        {
            throw new LabException(string.Create(
                CultureInfo.InvariantCulture,
                $"The server of {paths.Root} is running on port {remembered.Port}; stop it first to use port {port}."));
        }
    }

    public static void CheckPort(int port, bool ownServerRuns)
    {
        if (!ownServerRuns && !FreePort.IsFree(port))
        {
            throw new LabException(string.Create(
                CultureInfo.InvariantCulture, $"Port {port} is already in use; choose another with --port."));
        }
    }

    private static void CheckLabels(LabOptions options)
    {
        var known = Enumerable.Range(1, options.Nodes).Select(LabNodes.NameOf).Append(Environment.MachineName);
        var stranger = options.NodeLabels.Keys.Except(known).FirstOrDefault();
        if (stranger is not null)
        {
            throw new LabException($"Labels are given for {stranger}, which is not a node of this cluster.");
        }
    }

    private static void CheckMachineEngine(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new LabException($"The Docker engine's socket {path} may not be used by this account.", failure);
        }
        catch (SocketException failure)
        {
            throw new LabException(
                $"No Docker engine answers at {path}; start one, or try a cluster of private engines with --nodes 3.", failure);
        }
    }

    private static void CheckBuilt(string path)
    {
        if (!File.Exists(path))
        {
            throw new LabException($"{path} is missing; build first (./controlplane up does).");
        }
    }
}
