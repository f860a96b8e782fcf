using System.Text.Json.Nodes;
using ControlPlane.Web.Containers;
using ControlPlane.Web.Look;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Run;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ControlPlane.Api.Tests.Web;

public sealed class WebTextTests
{
    [Theory]
    [InlineData("/containers?q=a", "/containers?q=a")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/a\r\nSet-Cookie: x", "/")]
    public void After_signing_in_one_stays_here(string? url, string expected) => LocalUrl.OrHome(url).ShouldBe(expected);

    [Fact]
    public void The_environments_values_are_hidden_unless_asked_for()
    {
        static JsonNode Answer() => JsonNode.Parse("""{"Config":{"Env":["PASSWORD=se=cret","EMPTY"]}}""")!;

        InspectText.From("x", Answer(), reveal: false).Json.ShouldNotContain("cret");
        InspectText.From("x", Answer(), reveal: false).Json.ShouldContain("PASSWORD=");
        InspectText.From("x", Answer(), reveal: true).Json.ShouldContain("PASSWORD=se=cret");
    }

    [Theory]
    [InlineData("sh -c 'echo \"a b\"'", new[] { "sh", "-c", "echo \"a b\"" })]
    [InlineData("  a   b\\ c \"\"", new[] { "a", "b c", "" })]
    public void A_command_line_becomes_words(string line, string[] words) => CommandWords.Split(line).ShouldBe(words);

    [Fact]
    public void Labels_are_read_line_by_line_and_what_is_none_is_named()
    {
        LabelText.Read("zone=a\n disk=ssd, x=1=2").Labels.ShouldBe(new Dictionary<string, string> { ["zone"] = "a", ["disk"] = "ssd", ["x"] = "1=2" });
        LabelText.Read("zone").Error!.Field.ShouldBe("labels");
    }

    [Fact]
    public void The_address_holds_the_list_and_only_what_is_known()
    {
        var query = ContainerListQuery.From(new QueryCollection(new Dictionary<string, StringValues>
        {
            ["q"] = "web node:n1 label:a=b", ["state"] = new(["running", "exited"]), ["sort"] = "nonsense", ["limit"] = "7",
        }));
        var filter = query.ToFilter();

        filter.List.Text.ShouldBe("web");
        filter.Nodes.ShouldBe(["n1"]);
        filter.Labels.ShouldBe(["a=b"]);
        filter.List.Limit.ShouldBe(50);
        query.SortedBy("name").ShouldBe("/containers?q=web%20node%3An1%20label%3Aa%3Db&state=running&state=exited&sort=name");
    }
}
