namespace ControlPlane.Scheduling.Filters;

/// <summary>
/// A host port is given out once per node. Unlike classic Swarm the transport counts: 53/udp is free beside 53/tcp.
/// </summary>
internal sealed class PortFilter : INodeFilter
{
    public string Name => "port";

    public INodeCheck? For(PlacementRequest request)
    {
        if (request.HostPorts.Count == 0)
        {
            return null;
        }

        HostPort[] fixedPorts = [.. request.HostPorts.Where(port => !port.IsEphemeral).Distinct()];
        return fixedPorts.Length == 0 ? null : new Check(fixedPorts);
    }

    private sealed class Check(HostPort[] ports) : INodeCheck
    {
        public bool Passes(in NodeView node)
        {
            foreach (var port in ports)
            {
                if (node.Usage.IsTaken(port))
                {
                    return false;
                }
            }

            return true;
        }

        public Rejection? Explain(in NodeView node)
        {
            var usage = node.Usage;
            var taken = ports.Where(usage.IsTaken).Select(port => port.ToString()).ToArray();
            return taken switch
            {
                [] => null,
                [var only] => Refuse($"port {only} is taken", $"port {only} taken"),
                [.. var first, var last] => Refuse(
                    $"ports {string.Join(", ", first)} and {last} are taken", $"ports {string.Join(", ", first)} and {last} taken"),
            };
        }

        private static Rejection Refuse(string text, string summary) => new(text, new RefusalPhrase($"has {summary}", $"have {summary}"));
    }
}
