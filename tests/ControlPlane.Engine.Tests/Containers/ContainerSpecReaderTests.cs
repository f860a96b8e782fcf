using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;

namespace ControlPlane.Engine.Tests.Containers;

public class ContainerSpecReaderTests
{
    [Theory]
    [InlineData("""{"Image":"a","Image":"b"}""", "Image")]
    [InlineData("""{"Image":"a","\u0049mage":"b"}""", "Image")]
    [InlineData("""{"image":"a"}""", "image")]
    [InlineData("""{"hostconfig":{"pRIVILEGED":true}}""", "hostconfig")]
    [InlineData("""{"HostConfig":{"Privileged":false},"HOSTCONFIG":{"Privileged":true}}""", "HOSTCONFIG")]
    [InlineData("""{"HostConfig":{"Privileged":false},"HostConfig":{"Privileged":true}}""", "HostConfig")]
    [InlineData("""{"Ho\u017FtConfig":{"Privileged":true}}""", "[\"HoſtConfig\"]")]
    [InlineData("""{"HoſtConfig":{"Privileged":true}}""", "[\"HoſtConfig\"]")]
    [InlineData("""{"HostConfig":{"\u212AernelMemory":1}}""", "HostConfig[\"\u212aernelMemory\"]")]
    [InlineData("""{"HostConfig":{"PRIVILEGED":true}}""", "HostConfig.PRIVILEGED")]
    [InlineData("""{"HostConfig":{"Nonsense":1}}""", "HostConfig.Nonsense")]
    [InlineData("""{"HostConfig":{"Binds":null,"Binds":["/:/host"]}}""", "HostConfig.Binds")]
    [InlineData("""{"Labels":{"a":"1","a":"2"}}""", "Labels[\"a\"]")]
    [InlineData("""{"Labels":{"a.b":null}}""", "Labels[\"a.b\"]")]
    [InlineData("""{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":8080}]}}}""", "HostConfig.PortBindings[\"80/tcp\"][0].HostPort")]
    [InlineData("""{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"1"}],"80/tcp":[{"HostPort":"2"}]}}}""", "HostConfig.PortBindings[\"80/tcp\"]")]
    [InlineData("""{"HostConfig":{"Memory":"64m"}}""", "HostConfig.Memory")]
    [InlineData("""{"HostConfig":{"Memory":1.5}}""", "HostConfig.Memory")]
    [InlineData("""{"HostConfig":{"Memory":1e3}}""", "HostConfig.Memory")]
    [InlineData("""{"HostConfig":{"Memory":9223372036854775808}}""", "HostConfig.Memory")]
    [InlineData("""{"HostConfig":{"Privileged":"true"}}""", "HostConfig.Privileged")]
    [InlineData("""{"HostConfig":{"Privileged":1}}""", "HostConfig.Privileged")]
    [InlineData("""{"HostConfig":[]}""", "HostConfig")]
    [InlineData("""{"StopTimeout":2147483648}""", "StopTimeout")]
    [InlineData("""{"Env":"A=b"}""", "Env")]
    [InlineData("""{"Env":[null]}""", "Env[0]")]
    [InlineData("""{"Env":["A=1",2]}""", "Env[1]")]
    [InlineData("""{"Cmd":{"a":1}}""", "Cmd")]
    [InlineData("""{"Cmd":["a",1]}""", "Cmd[1]")]
    [InlineData("""{"ExposedPorts":{"80/tcp":{"x":1}}}""", "ExposedPorts[\"80/tcp\"].x")]
    [InlineData("""{"Image":"\ud800"}""", "Image")]
    [InlineData("""{"Image":"a"}{"Image":"b"}""", "$")]
    [InlineData("""{"Image":"a"} x""", "$")]
    [InlineData("""{"Image":"a",}""", "$")]
    [InlineData("""{"Image":"a" /* c */}""", "$")]
    [InlineData("""{"Image":"a""", "$")]
    [InlineData("\uFEFF{\"Image\":\"a\"}", "$")]
    [InlineData("null", "$")]
    [InlineData("[]", "$")]
    [InlineData("1", "$")]
    [InlineData("", "$")]
    public void What_another_parser_could_see_differently_is_refused_with_its_path(string json, string path)
    {
        var read = ContainerSpecReader.Read(Encoding.UTF8.GetBytes(json));

        read.IsValid.ShouldBeFalse();
        read.Errors.ShouldContain(e => e.Path == path || (path == "$" && e.Message.StartsWith("is not valid JSON", StringComparison.Ordinal)), string.Join("; ", read.Errors));
    }

    [Fact]
    public void Invalid_utf8_is_refused_in_keys_and_values()
    {
        ContainerSpecReader.Read([.. "{\"Image\":\""u8, 0xFF, .. "\"}"u8]).IsValid.ShouldBeFalse();
        ContainerSpecReader.Read([.. "{\"Labels\":{\""u8, 0xC3, 0x28, .. "\":\"x\"}}"u8]).IsValid.ShouldBeFalse();
    }

    [Fact]
    public void A_look_alike_is_told_how_the_field_is_spelled()
    {
        var read = ContainerSpecReader.Read("""{"HoſtConfig":{}}"""u8);

        read.Errors[0].Message.ShouldBe("is not a known field; it is spelled 'HostConfig'");
    }

    [Fact]
    public void All_errors_are_reported_at_once_and_no_more_than_a_hundred()
    {
        ContainerSpecReader.Read("""{"Image":1,"Tty":"x","HostConfig":{"Memory":"1","Foo":1}}"""u8).Errors.Count.ShouldBe(4);
        var many = "{\"Env\":[" + string.Join(',', Enumerable.Repeat("1", 5000)) + "]}";

        ContainerSpecReader.Read(Encoding.UTF8.GetBytes(many)).Errors.Count.ShouldBe(StrictJson.MaxErrors);
    }

    [Fact]
    public void Too_deep_and_too_large_are_refused()
    {
        var deep = "{\"Foo\":" + new string('[', 100) + new string(']', 100) + "}";
        var large = "{\"Image\":\"" + new string('a', StrictJson.DefaultMaxBytes) + "\"}";

        ContainerSpecReader.Read(Encoding.UTF8.GetBytes(deep)).IsValid.ShouldBeFalse();
        ContainerSpecReader.Read(Encoding.UTF8.GetBytes(large)).Errors[0].Message.ShouldBe("must not be larger than 1048576 bytes");
    }

    [Fact]
    public async Task A_stream_is_not_read_beyond_the_limit()
    {
        using var endless = new MemoryStream(new byte[4 * StrictJson.DefaultMaxBytes]);

        var read = await ContainerSpecReader.ReadAsync(endless, TestContext.Current.CancellationToken);

        read.IsValid.ShouldBeFalse();
        endless.Position.ShouldBeLessThan(2 * StrictJson.DefaultMaxBytes);
    }

    [Fact]
    public void Null_is_accepted_where_clients_send_it()
    {
        var read = ContainerSpecReader.Read("""{"Image":"a","Cmd":null,"HostConfig":{"Binds":null,"PortBindings":{"80/tcp":null},"Init":null},"NetworkingConfig":{"EndpointsConfig":{"n":null}}}"""u8);

        read.Errors.ShouldBeEmpty();
        read.Value!.HostConfig!.PortBindings!["80/tcp"].ShouldBeNull();
    }

    [Fact]
    public void A_command_may_be_one_string_as_for_the_engine()
    {
        ContainerSpecReader.Read("""{"Cmd":"ls","Entrypoint":[]}"""u8).Value!.Cmd.ShouldBe(["ls"]);
    }

    [Fact]
    public void Defaults_are_not_written()
    {
        Encoding.UTF8.GetString(ContainerSpecWriter.Write(new ContainerSpec { Image = "busybox" })).ShouldBe("""{"Image":"busybox"}""");
    }

    [Theory]
    [InlineData("create-full.json")]
    [InlineData("cli-28-create.json")]
    public void What_the_cli_sends_is_read_whole_and_written_again(string name)
    {
        var body = Golden.Bytes(name);
        var read = ContainerSpecReader.Read(body);

        read.Errors.ShouldBeEmpty();
        var written = JsonNode.Parse(ContainerSpecWriter.Write(read.Value!));
        JsonNode.DeepEquals(written, WithoutNulls(JsonNode.Parse(body))).ShouldBeTrue(written!.ToJsonString());
    }

    [Fact]
    public void An_update_of_the_cli_is_read_whole_and_written_again()
    {
        var body = Golden.Bytes("cli-28-update.json");
        var read = ContainerSpecReader.ReadUpdate(body);

        read.Errors.ShouldBeEmpty();
        JsonNode.DeepEquals(JsonNode.Parse(ContainerSpecWriter.Write(read.Value!)), WithoutNulls(JsonNode.Parse(body))).ShouldBeTrue();
    }

    private static JsonNode? WithoutNulls(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            foreach (var name in map.Where(p => p.Value is null).Select(p => p.Key).ToList())
            {
                map.Remove(name);
            }

            foreach (var child in map.Select(p => p.Value))
            {
                WithoutNulls(child);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list)
            {
                WithoutNulls(child);
            }
        }

        return node;
    }
}
