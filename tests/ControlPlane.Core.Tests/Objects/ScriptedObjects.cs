using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.State;
using ControlPlane.Engine.Json;

namespace ControlPlane.Core.Tests.Containers;

/// <summary>Networks and volumes of an engine whose agent reports them before it answers.</summary>
internal sealed class ScriptedObjects(string nodeId, ClusterState state)
{
    private readonly Lock _gate = new();
    private readonly List<NetworkReport> _networks = [];
    private readonly List<VolumeReport> _volumes = [];

    /// <summary>What somebody makes directly on the engine.</summary>
    public void Has(VolumeReport volume)
    {
        lock (_gate)
        {
            _volumes.Add(volume);
        }

        Report();
    }

    /// <inheritdoc cref="Has(VolumeReport)"/>
    public void Has(NetworkReport network)
    {
        lock (_gate)
        {
            _networks.Add(network);
        }

        Report();
    }

    public static VolumeReport Volume(string name, IReadOnlyDictionary<string, string>? labels = null) =>
        new(name, "local", "/v/" + name, labels ?? new Dictionary<string, string>(), DateTime.UnixEpoch);

    public static NetworkReport Network(string name, string scope = "local", string? id = null) =>
        new(id ?? NewId(), name, scope == "local" ? "bridge" : "overlay", scope, false, [], new Dictionary<string, string>(), DateTime.UnixEpoch);

    public CommandResult Do(AgentCommand command)
    {
        string? body = null;
        lock (_gate)
        {
            switch (command)
            {
                case CreateVolume create:
                    var volume = JsonSerializer.Deserialize(create.SpecJson, EngineJson.Default.VolumeSpec)!;
                    var known = _volumes.Find(one => one.Name == volume.Name);
                    if (known is null)
                    {
                        _volumes.Add(known = Volume(volume.Name!, volume.Labels));
                    }

                    body = JsonSerializer.Serialize(new { known.Name, known.Driver, known.Labels });
                    break;
                case RemoveVolume remove:
                    _volumes.RemoveAll(one => one.Name == remove.Name);
                    break;
                case CreateNetwork create:
                    var network = JsonSerializer.Deserialize(create.SpecJson, EngineJson.Default.NetworkSpec)!;
                    var made = Network(network.Name!, network.Driver == "overlay" ? "swarm" : "local");
                    _networks.Add(made);
                    body = JsonSerializer.Serialize(new { made.Id, Warning = "" });
                    break;
                case RemoveNetwork remove:
                    _networks.RemoveAll(one => one.Id == remove.NetworkId);
                    break;
            }
        }

        Report();
        return new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done, Body = body };
    }

    public void Report()
    {
        lock (_gate)
        {
            NetworkReport[] networks = [.. _networks];
            VolumeReport[] volumes = [.. _volumes];
            state.Write(writer => writer.Put(ContentFacts.With(writer.Node(nodeId)!, null, networks, volumes), "content"));
        }
    }

    private static string NewId() => Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");
}
