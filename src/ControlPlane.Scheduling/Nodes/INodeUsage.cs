namespace ControlPlane.Scheduling;

/// <summary>What is taken on a node by containers in any state and by reservations in flight. Reading allocates nothing.</summary>
public interface INodeUsage
{
    /// <summary>Reserved memory in bytes, not negative.</summary>
    long ReservedMemoryBytes { get; }

    /// <summary>Reserved CPUs in billionths, not negative.</summary>
    long ReservedNanoCpus { get; }

    /// <summary>Containers in any state, reservations included.</summary>
    int ContainerCount { get; }

    /// <summary>Says whether a host port clashes with one that is in use; never for an ephemeral port.</summary>
    /// <param name="port">The port somebody asks for.</param>
    bool IsTaken(HostPort port);

    /// <summary>How much of a generic resource is reserved.</summary>
    /// <param name="name">Its declared name.</param>
    long ReservedGeneric(string name);

    /// <summary>Containers on the node, in any state, reservations included.</summary>
    IReadOnlyCollection<ContainerFacts> Containers { get; }
}
