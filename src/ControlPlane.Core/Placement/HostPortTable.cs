using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// Host ports in use on one node. A port may be there more than once: stopped containers can ask for the same one, and the
/// engine lists a port of every address twice (IPv4 and IPv6).
/// </summary>
internal sealed class HostPortTable
{
    private readonly Dictionary<(PortProtocol Protocol, int Port), List<HostPort>> _holders = [];

    public void Add(HostPort port)
    {
        if (port.IsEphemeral)
        {
            return;
        }

        if (!_holders.TryGetValue((port.Protocol, port.Port), out var holders))
        {
            _holders[(port.Protocol, port.Port)] = holders = [];
        }

        holders.Add(port);
    }

    public void Remove(HostPort port)
    {
        if (port.IsEphemeral || !_holders.TryGetValue((port.Protocol, port.Port), out var holders))
        {
            return;
        }

        holders.Remove(port);
        if (holders.Count == 0)
        {
            _holders.Remove((port.Protocol, port.Port));
        }
    }

    public bool IsTaken(HostPort port)
    {
        if (!_holders.TryGetValue((port.Protocol, port.Port), out var holders))
        {
            return false;
        }

        foreach (var holder in holders)
        {
            if (holder.ClashesWith(port))
            {
                return true;
            }
        }

        return false;
    }
}
