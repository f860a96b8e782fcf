namespace ControlPlane.Scheduling.Tests;

/// <summary>What makes a port, beyond what <see cref="HostPortTests"/> says of clashes.</summary>
public sealed class PortRangeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    public void Every_port_of_the_range_is_one(int port)
    {
        HostPort.OnAnyAddress(port).Port.ShouldBe(port);
        HostPort.TryCreate(null, port, null, out var read).ShouldBeTrue();
        read.Port.ShouldBe(port);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void Beyond_the_range_it_is_a_bug_of_the_caller(int port) => Should.Throw<ArgumentOutOfRangeException>(() => HostPort.OnAnyAddress(port));

    [Theory]
    [InlineData(null, PortProtocol.Tcp)]
    [InlineData("", PortProtocol.Tcp)]
    [InlineData("tcp", PortProtocol.Tcp)]
    [InlineData("TCP", PortProtocol.Tcp)]
    [InlineData("udp", PortProtocol.Udp)]
    [InlineData("Udp", PortProtocol.Udp)]
    [InlineData("sctp", PortProtocol.Sctp)]
    public void The_transport_is_read_in_any_case(string? text, PortProtocol protocol)
    {
        HostPort.TryCreate(null, 53, text, out var port).ShouldBeTrue();
        port.Protocol.ShouldBe(protocol);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("0.0.0.0", "")]
    [InlineData("::", "")]
    [InlineData("::ffff:0.0.0.0", "")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("FD00::0001", "fd00::1")]
    public void An_address_has_one_form(string? address, string canonical)
    {
        HostPort.TryCreate(address, 53, "udp", out var port).ShouldBeTrue();
        port.Address.ShouldBe(canonical);
    }

    [Fact]
    public void Only_port_zero_is_ephemeral()
    {
        HostPort.OnAnyAddress(0).IsEphemeral.ShouldBeTrue();
        HostPort.OnAnyAddress(1).IsEphemeral.ShouldBeFalse();
    }

    [Fact]
    public void A_port_that_is_refused_is_the_default()
    {
        HostPort.TryCreate("10.0.0.1", 70_000, "tcp", out var port).ShouldBeFalse();
        port.ShouldBe(default);
    }
}
