using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Engine.Json;

namespace ControlPlane.Agent.Commands;

/// <summary>Further networks of a create: read strictly and written anew, so that no byte of the server's reaches the engine as it came.</summary>
internal static class FurtherNetworks
{
    /// <summary>Null when one of them is not in the engine's form.</summary>
    public static IReadOnlyList<NetworkConnection>? Read(IReadOnlyList<NetworkConnection> networks)
    {
        var read = new List<NetworkConnection>(networks.Count);
        foreach (var network in networks)
        {
            var parsed = StrictJson.Read(Encoding.UTF8.GetBytes(network.EndpointJson), EngineJson.Default.EndpointSettings);
            if (!parsed.IsValid)
            {
                return null;
            }

            read.Add(network with { EndpointJson = JsonSerializer.Serialize(parsed.Value, EngineJson.Default.EndpointSettings) });
        }

        return read;
    }
}
