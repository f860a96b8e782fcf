using System.Net;
using ControlPlane.Core.Options;

namespace ControlPlane.Core.Tests.Settings;

public sealed class ServerOptionsTests
{
    [Theory]
    [InlineData("10.0.0.5", "10.0.0.5", true)]
    [InlineData("10.0.0.5", "10.0.0.6", false)]
    [InlineData("10.0.0.5", "::ffff:10.0.0.5", true)]
    [InlineData(" 192.168.0.0/16 , 10.0.0.5", "192.168.77.1", true)]
    [InlineData("10.0.0.5/8", "10.9.9.9", true)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::1", "fd00::2", false)]
    [InlineData("", "127.0.0.1", false)]
    public void Addresses_and_networks_are_believed_and_nobody_else(string list, string address, bool believed) =>
        AddressRanges.Read(list).Contains(IPAddress.Parse(address)).ShouldBe(believed);

    [Theory]
    [InlineData("nginx", "'nginx'")]
    [InlineData("10.0.0.5, 10.1", "'10.1'")]
    [InlineData("10.0.0.0/33", "neither")]
    [InlineData("0.0.0.0/0", "which is everybody")]
    [InlineData("::/0", "which is everybody")]
    public void A_list_that_cannot_be_meant_is_refused_by_its_key(string list, string reason)
    {
        var failure = Check(options => options.TrustedProxies = list).ShouldHaveSingleItem();

        failure.ShouldStartWith("Server:TrustedProxies");
        failure.ShouldContain(reason);
    }

    [Theory]
    [InlineData("http://agents.example.com")]
    [InlineData("https://agents.example.com/path")]
    [InlineData("agents.example.com")]
    public void The_direct_address_is_an_https_address(string url) =>
        Check(options => options.DirectUrl = url).ShouldHaveSingleItem().ShouldStartWith("Server:DirectUrl");

    [Fact]
    public void Agents_trust_a_chain_or_the_public()
    {
        Check(options => options.AgentTrust = "public").ShouldBeEmpty();
        Check(options => options.AgentTrust = "nobody").ShouldHaveSingleItem().ShouldContain("'nobody'");
    }

    [Fact]
    public void A_next_certificate_that_is_not_there_is_told() =>
        Check(options => options.NextCertificateFile = "/nowhere/next.pem").ShouldHaveSingleItem().ShouldContain("/nowhere/next.pem");

    [Theory]
    [InlineData(null, "https://control.example.com", "tcp://control.example.com:2376")]
    [InlineData("https://direct.example.com:9443/", "https://direct.example.com:9443", "tcp://direct.example.com:2376")]
    public void Agents_and_docker_clients_get_the_direct_address_if_there_is_one(string? direct, string url, string docker)
    {
        var address = new PublicAddress(Microsoft.Extensions.Options.Options.Create(
            new ServerOptions { PublicUrl = "https://control.example.com:443/", DirectUrl = direct }));

        address.DirectUrl.ShouldBe(direct is null ? "https://control.example.com:443" : url);
        address.DockerHost.ShouldBe(docker);
        address.Origin.ShouldBe("https://control.example.com");
    }

    private static IEnumerable<string> Check(Action<ServerOptions> change)
    {
        var options = new ServerOptions { DataDirectory = "/tmp/nowhere" };
        change(options);
        return new ServerOptionsValidator().Validate(null, options).Failures ?? [];
    }
}
