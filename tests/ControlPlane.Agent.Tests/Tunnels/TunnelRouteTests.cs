using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tests.Tunnels;

public sealed class TunnelRouteTests
{
    private static readonly string Id = new('a', 64);
    private static readonly PolicyRules Open = new();

    [Fact]
    public void Logs_become_the_engines_query()
    {
        TunnelRoute.TryRoute(new ContainerLogs(Id, true, true, false, 10, 1.5, null, true), Open, out var path, out _).ShouldBeTrue();

        path.ShouldBe($"containers/{Id}/logs?follow=1&stdout=1&stderr=0&timestamps=1&tail=10&since=1.500000000");
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("../../../containers/json")]
    public void Anything_but_a_full_id_is_refused(string id)
    {
        TunnelRoute.TryRoute(new InspectContainer(id), Open, out _, out var refusal).ShouldBeFalse();

        refusal.ShouldContain("64 hex digits");
    }

    [Theory]
    [InlineData("aux; reboot")]
    [InlineData("$(id)")]
    public void Arguments_of_ps_are_letters_and_little_else(string arguments) =>
        TunnelRoute.TryRoute(new ContainerTop(Id, arguments), Open, out _, out _).ShouldBeFalse();

    [Fact]
    public void The_owner_can_forbid_logs() =>
        TunnelRoute.TryRoute(new ContainerLogs(Id, false, true, true, null, null, null, false), new PolicyRules { NoLogs = true }, out _, out _).ShouldBeFalse();
}
