using System.Security.Claims;
using System.Text.Encodings.Web;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes.Joining;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Agents;

/// <summary>Lets an agent in by its one-use ticket.</summary>
internal sealed class TicketAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AgentTickets tickets)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Agent";

    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // A transport may negotiate first: that shows the ticket, the connection uses it up.
        var ticket = header[Prefix.Length..].Trim();
        var nodeId = Request.Path.Equals(AgentProtocol.SessionPath, StringComparison.Ordinal) ? tickets.Redeem(ticket) : tickets.Peek(ticket);
        if (nodeId is null)
        {
            return Task.FromResult(AuthenticateResult.Fail("The ticket is not ours, too old or used."));
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, nodeId)], SchemeName);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }
}
