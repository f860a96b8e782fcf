using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Tests.Fakes;

namespace ControlPlane.Agent.Tests.Hosting;

/// <summary>What an agent may say about where its node is reachable.</summary>
public sealed class AdvertisedAddressTests
{
    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::7")]
    [InlineData("::1")]
    [InlineData("node-7.example.com")]
    [InlineData("NODE7")]
    [InlineData("7seas.example")]
    [InlineData("xn--bcher-kva.example")]
    public void Addresses_and_host_names_are_taken_as_they_are(string address) => Parse(address).AdvertiseAddress.ShouldBe(address);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("0:0::0")]
    [InlineData("::ffff:192.0.2.7")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[2001:db8::7]")]
    [InlineData("[2001:db8::7]:80")]
    [InlineData("192.0.2.7:80")]
    [InlineData("192.0.2.7/24")]
    [InlineData("192.0.2.256")]
    [InlineData("192.0.2")]
    [InlineData("10.1")]
    [InlineData("7")]
    [InlineData("0x7f000001")]
    [InlineData("010.0.0.1")]
    [InlineData(" 192.0.2.7")]
    [InlineData("192.0.2.7\n")]
    [InlineData("node.example.com.")]
    [InlineData(".example.com")]
    [InlineData("node..example.com")]
    [InlineData("-node")]
    [InlineData("node-")]
    [InlineData("no_de")]
    [InlineData("node.7")]
    [InlineData("https://node.example.com")]
    [InlineData("user@node")]
    [InlineData("bücher.example")]
    [InlineData("<script>")]
    public void Anything_else_is_a_usage_error_that_says_the_rule(string address)
    {
        var refusal = Should.Throw<AgentRefusedException>(() => Parse(address));

        refusal.ExitCode.ShouldBe(ExitCode.Usage);
        refusal.Message.ShouldBe(
            "--advertise-address must be an IPv4 or IPv6 address, or a host name of letters, digits and hyphens of at most 253 characters; without port, and not 0.0.0.0 or ::, "
            + $"not '{address}'.");
    }

    [Theory]
    [InlineData(63, 253, true)]
    [InlineData(64, 64, false)]
    [InlineData(63, 254, false)]
    public void Labels_have_63_characters_at_most_and_names_253(int label, int length, bool taken)
    {
        var labels = string.Join('.', Enumerable.Repeat(new string('a', label), (length + label) / (label + 1)));
        var name = labels.Length >= length ? labels[..length] : labels + "." + new string('a', length - labels.Length - 1);

        name.Length.ShouldBe(length);
        if (taken)
        {
            Parse(name).AdvertiseAddress.ShouldBe(name);
        }
        else
        {
            Should.Throw<AgentRefusedException>(() => Parse(name));
        }
    }

    [Fact]
    public void Without_the_option_the_agent_says_nothing() =>
        AgentCommandLine.Parse(["--data", "/d"], _ => null).AdvertiseAddress.ShouldBe("");

    [Theory]
    [InlineData("node-7.example.com")]
    [InlineData("")]
    public async Task The_address_goes_with_what_the_agent_says_of_its_engine(string address)
    {
        await using var engine = await FakeEngine.StartAsync();
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server, deadlines: new AgentDeadlines { EnginePing = TimeSpan.FromSeconds(20) }, address: address);

        await server.Seen.Until(seen => seen.Hellos.Count > 0 && (seen.Hellos[0].Description is not null || seen.Descriptions.Count > 0));

        server.Seen.Join!.Description!.Address.ShouldBe(address);
        (server.Seen.Hellos[0].Description ?? server.Seen.Descriptions[0]).Address.ShouldBe(address);
    }

    private static AgentCommandLine Parse(string address) => AgentCommandLine.Parse(["--data", "/d", "--advertise-address", address], _ => null);
}
