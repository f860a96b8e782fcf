using System.Security.Claims;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes.Joining;

namespace ControlPlane.Api.Agents;

/// <summary>Lets an agent's session in by its one-use ticket, before anything of the hub runs.</summary>
internal static class TicketGate
{
    public const string AuthenticationType = "Agent";

    private const string Prefix = "Bearer ";

    public static TBuilder RequireTicket<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            var inner = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                if (NodeOf(context) is not { } nodeId)
                {
                    context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    return Task.CompletedTask;
                }

                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, nodeId)], AuthenticationType));
                return inner(context);
            };
        });
        return builder;
    }

    private static string? NodeOf(HttpContext context)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // A transport may negotiate first: that shows the ticket, the connection uses it up.
        var tickets = context.RequestServices.GetRequiredService<AgentTickets>();
        var ticket = header[Prefix.Length..].Trim();
        return context.Request.Path.Equals(AgentProtocol.SessionPath, StringComparison.Ordinal) ? tickets.Redeem(ticket) : tickets.Peek(ticket);
    }
}
