using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tests.Tunnels;

public sealed class TunnelRouteTests
{
    private static readonly string Id = new('a', 64);
    private static readonly PolicyRules Open = new();
    private static readonly Version Api = new(1, 41);

    [Fact]
    public void Logs_become_the_engines_query() =>
        TunnelRoute.Of(new ContainerLogs(Id, true, true, false, 10, 1.5, null, true), Open, Api).Request!.Path
            .ShouldBe($"containers/{Id}/logs?follow=1&stdout=1&stderr=0&timestamps=1&tail=10&since=1.500000000");
}
