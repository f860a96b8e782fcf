using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Networks;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Core.Volumes;

namespace ControlPlane.Core.Tests.Objects;

/// <summary>The services of networks and volumes over a world.</summary>
internal sealed class ObjectServices
{
    public ObjectServices(ContainerWorld world)
    {
        var deadlines = Microsoft.Extensions.Options.Options.Create(new DeadlineOptions());
        var audit = new AuditTrail(world.Database, TimeProvider.System);
        var nodes = new ObjectNodes(world.State, world.Authorizer, world.Links);
        Nodes = new NodeQueries(world.State, world.Authorizer, world.Links, world.Ownership);
        Volumes = new VolumeQueries(world.State, world.Authorizer, world.Ownership, Nodes, NoTunnels.Instance);
        VolumeCreation = new VolumeCreation(
            new VolumeAdmission(world.Choice, world.Gate, world.Refusals, world.Check), world.Gate, world.Authorizer, nodes, world.Ownership, world.State, world.Links, audit, deadlines);
        VolumeRemoval = new VolumeRemoval(Volumes, world.Gate, world.Authorizer, nodes, world.Ownership, world.State, world.Links, audit, deadlines);
        var admission = new NetworkAdmission(world.Choice, world.Gate, world.Refusals, world.Check, world.Queries, world.Shared);
        Networks = new NetworkQueries(world.State, world.Authorizer, world.Ownership, Nodes, NoTunnels.Instance);
        NetworkCreation = new NetworkCreation(admission, Networks, world.Gate, nodes, world.Ownership, world.State, world.Links, audit, deadlines);
        NetworkJoins = new NetworkJoins(
            admission, Networks, new ContainerLookup(world.State, world.Authorizer), world.Gate, nodes, world.State, world.Links, audit, deadlines);
        NetworkRemoval = new NetworkRemoval(Networks, world.Gate, world.Authorizer, nodes, world.Ownership, world.State, world.Links, audit, deadlines);
    }

    public NodeQueries Nodes { get; }

    public VolumeQueries Volumes { get; }

    public VolumeCreation VolumeCreation { get; }

    public VolumeRemoval VolumeRemoval { get; }

    public NetworkQueries Networks { get; }

    public NetworkCreation NetworkCreation { get; }

    public NetworkJoins NetworkJoins { get; }

    public NetworkRemoval NetworkRemoval { get; }

    private sealed class NoTunnels : ITunnels
    {
        public static readonly NoTunnels Instance = new();

        public Task<Result<TunnelReply>> OpenAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("no test of these asks for a tunnel");

        public Task<Result<ITunnelExchange>> BeginAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("no test of these asks for a tunnel");
    }
}
