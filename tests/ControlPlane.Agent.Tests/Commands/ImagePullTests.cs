using System.Text.Json;
using ControlPlane.Agent.Commands;

namespace ControlPlane.Agent.Tests.Commands;

public sealed class ImagePullTests
{
    [Theory]
    [InlineData("busybox", "images/create?fromImage=busybox&tag=latest")]
    [InlineData("reg:5000/a/b", "images/create?fromImage=reg%3A5000%2Fa%2Fb&tag=latest")]
    [InlineData("reg:5000/a/b:1", "images/create?fromImage=reg%3A5000%2Fa%2Fb&tag=1")]
    [InlineData("a@sha256:0f", "images/create?fromImage=a&tag=sha256%3A0f")]
    public void A_reference_names_exactly_one_image(string reference, string path) => ImagePull.ToPath(reference).ShouldBe(path);

    [Fact]
    public void An_error_in_the_stream_is_a_failure()
    {
        using var line = JsonDocument.Parse("""{"errorDetail":{"message":"no space"},"error":"no space"}""");

        new PullProgress().Take(line.RootElement).ShouldBe("no space");
    }
}
