using System.Net;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Agents;

/// <summary>What the server takes for the address of a node.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.1", "")]
    public async Task An_agent_that_names_none_has_the_address_that_it_calls_from(string from, string expected)
    {
        var caller = new CallsFrom(from);
        await using var host = await StartAsync(caller);
        await using var agent = new SimulatedAgent(host.Http);
        await agent.JoinAsync((await host.NewTokenAsync()).Text);
        Of(host, agent).ShouldBe(expected, "it is known with the join");

        await agent.ConnectAsync();
        Of(host, agent).ShouldBe(expected);
        host.Get<NodeQueries>().Get(AgentDoorHost.Admin, "host-1").Value.Address.ShouldBe(expected);
    }

    [Fact]
    public async Task A_node_that_moves_has_its_new_address_with_the_next_session()
    {
        var caller = new CallsFrom("192.0.2.7");
        await using var host = await StartAsync(caller);
        await using var agent = new SimulatedAgent(host.Http);
        await agent.JoinAsync((await host.NewTokenAsync()).Text);
        await agent.ConnectAsync();
        await agent.Hub!.DisposeAsync();

        caller.Address = IPAddress.Parse("192.0.2.8");
        await agent.ConnectAsync();

        Of(host, agent).ShouldBe("192.0.2.8");
    }

    [Fact]
    public async Task What_the_agent_names_counts_and_may_change_within_a_session()
    {
        await using var host = await StartAsync(new CallsFrom("192.0.2.7"));
        await using var agent = new SimulatedAgent(host.Http) { Address = "node.example.com" };
        await agent.JoinAsync((await host.NewTokenAsync()).Text);
        await agent.ConnectAsync();
        Of(host, agent).ShouldBe("node.example.com");

        await DescribeAsync(agent, "2001:db8::7");
        Of(host, agent).ShouldBe("2001:db8::7");

        await DescribeAsync(agent, "");
        Of(host, agent).ShouldBe("192.0.2.7");
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("192.0.2.7:80")]
    [InlineData("0.0.0.0")]
    [InlineData("javascript:alert(1)")]
    public async Task What_is_no_address_is_not_taken_from_an_agent(string address)
    {
        await using var host = await StartAsync(new CallsFrom("192.0.2.7"));
        await using var agent = new SimulatedAgent(host.Http);
        var token = (await host.NewTokenAsync()).Text;

        using var refused = await agent.TryJoinAsync(token, description: SimulatedAgent.Describe() with { Address = address });
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        await agent.JoinAsync(token);
        await agent.DialAsync(await agent.TicketAsync());
        (await Should.ThrowAsync<HubException>(() => agent.HelloAsync(SimulatedAgent.Describe() with { Address = address }))).Message.ShouldContain("request.invalid");
        await agent.Hub!.DisposeAsync();

        await agent.ConnectAsync();
        await DescribeAsync(agent, address);
        Of(host, agent).ShouldBe("192.0.2.7");
    }

    [Fact]
    public async Task The_address_is_there_again_after_a_restart_of_the_server()
    {
        await using var host = await StartAsync(new CallsFrom("192.0.2.7"));
        await using var agent = new SimulatedAgent(host.Http);
        await agent.JoinAsync((await host.NewTokenAsync()).Text);

        await using var db = await host.OpenDatabaseAsync();
        var row = db.Nodes.Single(node => node.Id == agent.NodeId);

        NodeRecords.From(row, DateTime.UnixEpoch).Address.ShouldBe("192.0.2.7");
    }

    private static Task<AgentDoorHost> StartAsync(CallsFrom caller) => AgentDoorHost.StartAsync(more: services => services.AddSingleton<IStartupFilter>(caller));

    private static string Of(AgentDoorHost host, SimulatedAgent agent) => host.State.Current.Node(agent.NodeId)!.Address;

    private static Task DescribeAsync(SimulatedAgent agent, string address) =>
        agent.Hub!.InvokeAsync(nameof(IAgentHub.Describe), SimulatedAgent.Describe() with { Address = address });

    /// <summary>Where connections come from, as far as the server sees.</summary>
    private sealed class CallsFrom(string address) : IStartupFilter
    {
        public IPAddress Address { get; set; } = IPAddress.Parse(address);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) =>
            {
                context.Connection.RemoteIpAddress = Address;
                return rest(context);
            });
            next(app);
        };
    }
}
