using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Api.Agents.Tunnels;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Links;
using Microsoft.AspNetCore.Http.Connections;

namespace ControlPlane.Api.Agents;

/// <summary>Everything under <c>/agent/v1</c>.</summary>
internal static class AgentDoor
{
    public static IServiceCollection AddAgentDoor(this IServiceCollection services)
    {
        services.AddSignalR()
            .AddJsonProtocol(json => json.PayloadSerializerOptions = Json())
            .AddHubOptions<AgentHub>(hub =>
            {
                hub.MaximumReceiveMessageSize = AgentProtocol.MaxMessageBytes;
                hub.MaximumParallelInvocationsPerClient = 1;
                hub.EnableDetailedErrors = false;
            });
        services.AddSingleton<TunnelPools>();
        services.AddSingleton<ITunnels>(provider => provider.GetRequiredService<TunnelPools>());
        return services;
    }

    public static void MapAgentDoor(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(AgentProtocol.JoinPath, AgentEndpoints.JoinAsync).Undocumented();
        endpoints.MapPost(AgentProtocol.ChallengePath, AgentEndpoints.ChallengeAsync).Undocumented();
        endpoints.MapPost(AgentProtocol.TicketPath, AgentEndpoints.TicketAsync).Undocumented();
        endpoints.MapHub<AgentHub>(AgentProtocol.SessionPath, hub =>
            {
                hub.Transports = HttpTransportType.WebSockets;

                // What a slow agent may leave unread before its sender waits.
                hub.TransportMaxBufferSize = 256 * 1024;
                hub.ApplicationMaxBufferSize = 256 * 1024;
            })
            .RequireTicket()
            .Undocumented();
        endpoints.Map(AgentProtocol.TunnelPath, TunnelEndpoint.Pipeline(endpoints)).Undocumented();
    }

    private static TBuilder Undocumented<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.Open("Agents show a join token, a signature, a ticket or a tunnel key.").WithMetadata(new ExcludeFromDescriptionAttribute());

    /// <summary>The agent's messages come from generated code; other hubs of the server may use any type.</summary>
    private static JsonSerializerOptions Json() => new(AgentJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(AgentJson.Default, new DefaultJsonTypeInfoResolver()),
    };
}
