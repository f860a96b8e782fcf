using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Api.Agents;
using ControlPlane.Api.Live;
using ControlPlane.Api.SignIn.OpenId;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Images;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Options;
using ControlPlane.Core.Placement.Simulation;
using ControlPlane.Core.Settings;
using ControlPlane.Core.State;
using ControlPlane.Core.WriteBehind;
using ControlPlane.Web;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>What the server serves besides its own foundation: one line per feature.</summary>
internal static class Features
{
    public static void AddFeatures(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<ClusterState>();
        builder.Services.AddSingleton<StateWarmUp>();
        builder.Services.AddWarmUp<StateWarmUp>();
        builder.Services.AddSingleton<IServerIdentity, AuthorityIdentity>();
        builder.Services.AddSingleton<IEventSink, WriteBehindSink>();
        builder.Services.AddClusterSettings();
        builder.Services.AddDirectories();
        builder.Services.AddNodes();
        builder.Services.AddContainers();
        builder.Services.AddImages();
        builder.Services.AddObjects();
        builder.Services.AddPlacementSimulation();
        builder.Services.AddOpenIdSignIn();
        builder.Services.AddAgentDoor();
        builder.Services.AddDashboard();
        builder.Services.AddLive();
    }

    public static void MapFeatures(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapGroup("").Open("agents prove who they are by join token, ticket or tunnel key").MapAgentDoor();
        app.MapOpenIdSignIn();
        app.MapDashboard();
        app.MapLive();
    }

    /// <summary>The ledger is whole before the first request: nodes, then what was promised on them.</summary>
    private sealed class StateWarmUp(
        ClusterState state, LeaderLease lease, AccessStore access, SettingsLoader settings, DirectorySettingsService directory, NodeLoader nodes, ContainerLoader containers, ObjectOwnership ownership, OperationLog operations) : IWarmUp
    {
        public async Task WarmUpAsync(CancellationToken cancellationToken)
        {
            state.BeginEpoch(lease.Epoch);
            await access.LoadAsync(cancellationToken);
            await settings.LoadAsync(cancellationToken);
            await directory.LoadAsync(cancellationToken);
            await nodes.WarmUpAsync(cancellationToken);
            await containers.LoadAsync(cancellationToken);
            await ownership.LoadAsync(cancellationToken);
            await operations.CloseInterruptedAsync(cancellationToken);
        }
    }

    private sealed class AuthorityIdentity(CertificateAuthority authority, IOptions<ServerOptions> options) : IServerIdentity
    {
        public string KeyDigest => IsPublic ? JoinToken.PublicTrust : authority.KeyDigest;

        public IReadOnlyList<string> TrustedKeys => IsPublic ? [JoinToken.PublicTrust, .. authority.TrustedKeys] : authority.TrustedKeys;

        private bool IsPublic => options.Value.AgentTrust == ServerOptions.PublicTrust;
    }

    private sealed class WriteBehindSink(WriteBehindQueue queue) : IEventSink
    {
        public void Add(EventEntity entry) => queue.Enqueue(entry);

        public void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId) =>
            queue.Enqueue(new NodeSeen(nodeId, at, descriptionJson, agentVersion, engineId));
    }
}
