namespace ControlPlane.Scheduling.Tests;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("443", "443", true)]
    [InlineData("443", "444", false)]
    [InlineData("53/udp", "53/tcp", false)]
    [InlineData("53/udp", "53/UDP", true)]
    [InlineData("53/sctp", "53/udp", false)]
    [InlineData("10.0.0.1:80", "10.0.0.1:80", true)]
    [InlineData("10.0.0.1:80", "10.0.0.2:80", false)]
    [InlineData("10.0.0.1:80", "80", true)]
    [InlineData("0.0.0.0:80", "10.0.0.1:80", true)]
    [InlineData(":::80", "10.0.0.1:80", true)]
    [InlineData("::ffff:10.0.0.1:80", "10.0.0.1:80", true)]
    [InlineData("fd00::1:80", "fd00:0:0::1:80", true)]
    [InlineData("0", "0", false)]
    public void Ports_clash_when_one_host_cannot_give_out_both(string first, string second, bool clash)
    {
        Make.Port(first).ClashesWith(Make.Port(second)).ShouldBe(clash);
        Make.Port(second).ClashesWith(Make.Port(first)).ShouldBe(clash);
    }

    [Theory]
    [InlineData(null, -1, "tcp")]
    [InlineData(null, 65536, "tcp")]
    [InlineData("nonsense", 80, "tcp")]
    [InlineData(null, 80, "icmp")]
    public void What_is_no_port_is_refused(string? address, int port, string protocol) =>
        HostPort.TryCreate(address, port, protocol, out _).ShouldBeFalse();

    [Theory]
    [InlineData("443", "443/tcp")]
    [InlineData("10.0.0.1:53/udp", "10.0.0.1:53/udp")]
    [InlineData("fd00::1:53/udp", "[fd00::1]:53/udp")]
    [InlineData("9/sctp", "9/sctp")]
    public void A_port_reads_as_docker_writes_it(string text, string expected) => Make.Port(text).ToString().ShouldBe(expected);

    [Fact]
    public void The_default_value_is_an_ephemeral_port() => default(HostPort).ShouldBe(HostPort.OnAnyAddress(0));
}
