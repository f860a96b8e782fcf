using ControlPlane.Api.DockerApi.Engine;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>The filters of <c>docker events</c>.</summary>
public sealed class EventMatchTests
{
    [Theory]
    [InlineData("nginx:1.27", "nginx:1.27", true)]
    [InlineData("nginx:1.27", "nginx", true)]
    [InlineData("nginx:1.27", "nginx:1", false)]
    [InlineData("registry:5000/team/nginx:1.27", "registry:5000/team/nginx", true)]
    [InlineData("registry:5000/team/nginx", "registry:5000/team/nginx", true)]
    [InlineData("registry:5000/team/nginx", "registry", false)]
    [InlineData("nginx", "", false)]
    public void An_image_is_named_with_or_without_its_tag(string image, string wanted, bool found)
    {
        var happened = new EngineEvent(DateTime.UnixEpoch, "container", "start", "c0ffee", "web", "") { Attributes = new Dictionary<string, string> { ["image"] = image } };

        Match("image", wanted).Passes(new ClusterEvent("n1", "node-1", "/Shared", happened)).ShouldBe(found);
    }

    [Theory]
    [InlineData("node", "node-1", true)]
    [InlineData("node", "n1", true)]
    [InlineData("node", "node-2", false)]
    [InlineData("container", "web", true)]
    [InlineData("container", "node-1/web", true)]
    [InlineData("container", "node-2/web", false)]
    [InlineData("container", "c0ff", true)]
    [InlineData("container", "c0f", false)]
    [InlineData("event", "exec_create", true)]
    [InlineData("event", "exec", false)]
    [InlineData("label", "tier=web", true)]
    [InlineData("label", "tier=db", false)]
    [InlineData("label", "tier", true)]
    public void An_event_is_found_by_what_it_happened_to(string filter, string wanted, bool found)
    {
        var happened = new EngineEvent(DateTime.UnixEpoch, "container", "exec_create: sh", "c0ffee", "web", "") { Attributes = new Dictionary<string, string> { ["tier"] = "web" } };

        Match(filter, wanted).Passes(new ClusterEvent("n1", "node-1", "/Shared", happened)).ShouldBe(found);
    }

    private static EventMatch Match(string filter, string wanted) => new(new Dictionary<string, IReadOnlyList<string>> { [filter] = [wanted] });
}
