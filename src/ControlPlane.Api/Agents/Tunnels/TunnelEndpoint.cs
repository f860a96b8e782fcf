using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Sessions;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>Takes the WebSocket of one tunnel; the key of the session is its ticket.</summary>
internal static class TunnelEndpoint
{
    private const string Prefix = "Bearer ";

    public static RequestDelegate Pipeline(IEndpointRouteBuilder endpoints)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(15) });
        pipeline.Run(HandleAsync);
        return pipeline.Build();
    }

    private static async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            || context.RequestServices.GetRequiredService<NodeSessions>().ByTunnelKey(header[Prefix.Length..].Trim()) is not { } session)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var pools = context.RequestServices.GetRequiredService<TunnelPools>();
        if (!pools.HasRoom(session))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var channel = TunnelChannel.OfServer(socket);
        await pools.ServeAsync(session, channel, context.RequestAborted);
    }
}
