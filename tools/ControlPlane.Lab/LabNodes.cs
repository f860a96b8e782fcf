using System.Globalization;

namespace ControlPlane.Lab;

/// <summary>The two kinds of nodes a lab can have.</summary>
internal static class LabNodes
{
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"node-{index}");

    public static LabNode Private(LabOptions options, LabPaths paths, LabNetwork network, int index)
    {
        var name = NameOf(index);
        var directory = paths.Node(name);
        Directory.CreateDirectory(directory);
        var engine = new EngineProcess(name, index, directory, options.LabelsOf(name));
        var agent = new AgentProcess(name, directory, options.AgentBinary, options.AgentArguments);
        return new LabNode(name, engine.Socket, network.AddressOf(index), engine, agent, network);
    }

    /// <summary>The machine's own engine, named after the machine; its socket is linked so that every node looks alike.</summary>
    public static LabNode OfMachine(LabOptions options, LabPaths paths)
    {
        var name = Environment.MachineName;
        var directory = paths.Node(name);
        Directory.CreateDirectory(directory);
        var link = Path.Combine(directory, "docker.sock");
        File.Delete(link);
        File.CreateSymbolicLink(link, options.MachineEngineSocket);
        var agent = new AgentProcess(name, directory, options.AgentBinary, options.AgentArguments);
        return new LabNode(name, link, "127.0.0.1", engine: null, agent, network: null);
    }
}
