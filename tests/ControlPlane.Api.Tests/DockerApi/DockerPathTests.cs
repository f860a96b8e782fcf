using ControlPlane.Api.DockerApi.Containers;
using ControlPlane.Api.DockerApi.Routing;

namespace ControlPlane.Api.Tests.DockerApi;

public sealed class DockerPathTests
{
    [Theory]
    [InlineData("/v1.41/containers/json?all=1", "1.41", "/containers/json")]
    [InlineData("/v1.24/images/reg.example.com:5000/a/b:1/json", "1.24", "/images/reg.example.com:5000/a/b:1/json")]
    [InlineData("/v1.44/images/busybox%40sha256%3Aab/json", "1.44", "/images/busybox@sha256:ab/json")]
    [InlineData("/_ping", null, "/_ping")]
    [InlineData("/volumes/node-1/data", null, "/volumes/node-1/data")]
    [InlineData("/v1.41", "1.41", "/")]
    public void What_is_plain_is_read(string target, string? version, string path)
    {
        DockerPath.TryRead(target, out var read, out _).ShouldBeTrue();

        read!.Path.ShouldBe(path);
        read.Version?.ToString().ShouldBe(version);
    }

    [Theory]
    [InlineData("/v1.41/%63ontainers/json")]
    [InlineData("/v1.41%2Fcontainers/json")]
    [InlineData("/v1.41/containers%2fjson")]
    [InlineData("/v1.41/containers/../info")]
    [InlineData("/v1.41/containers/%2e%2e/info")]
    [InlineData("/v1.41//containers/json")]
    [InlineData("//v1.41/containers/json")]
    [InlineData("/v1.41/./info")]
    [InlineData("/v1.41/info/")]
    [InlineData("/v1.41/info%00")]
    [InlineData("/v1.41/info%")]
    [InlineData("/v1.41/a b")]
    [InlineData("/v1.41/a\\b")]
    [InlineData("/v1.41/é")]
    [InlineData("/v01.41/info")]
    [InlineData("/v1.041/info")]
    [InlineData("/v1.41.2/info")]
    [InlineData("/v1/info")]
    [InlineData("/v1.4100/info")]
    [InlineData("http://engine/v1.41/info")]
    [InlineData("*")]
    public void What_two_parsers_could_read_differently_is_refused(string target) => DockerPath.TryRead(target, out _, out var problem).ShouldBeFalse(problem);

    [Theory]
    [InlineData("/_ping", true)]
    [InlineData("/version?x", true)]
    [InlineData("/v1.41/info", true)]
    [InlineData("/v9.99/info", true)]
    [InlineData("/v2/", false)]
    [InlineData("/v2/library/busybox/manifests/latest", false)]
    [InlineData("/volumes", false)]
    [InlineData("/V1.41/info", false)]
    [InlineData("/api/v1/containers", false)]
    public void The_shared_port_knows_what_is_dockers(string target, bool ours) => DockerPath.IsOurs(target).ShouldBe(ours);

    [Theory]
    [InlineData(0.5, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(61, "About a minute")]
    [InlineData(600, "10 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(3 * 3600, "3 hours")]
    [InlineData(3 * 86400, "3 days")]
    [InlineData(21 * 86400, "3 weeks")]
    [InlineData(-5, "Less than a second")]
    public void Ages_are_said_as_docker_says_them(double seconds, string text) => StatusText.Ago(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Theory]
    [InlineData("24h", 86400d)]
    [InlineData("1h30m", 5400d)]
    [InlineData("90s", 90d)]
    [InlineData("500ms", 0.5)]
    [InlineData("0", null)]
    [InlineData("soon", null)]
    public void Until_is_an_age_or_a_time(string text, double? seconds)
    {
        var now = DateTime.UnixEpoch.AddYears(50);
        var until = Until.Of(new Dictionary<string, IReadOnlyList<string>> { ["until"] = [text] }, now);

        if (seconds is { } age)
        {
            (now - until.Value).TotalSeconds.ShouldBe(age, 0.001);
        }
        else
        {
            (until.IsSuccess && until.Value > DateTime.UnixEpoch.AddYears(40)).ShouldBeFalse();
        }
    }
}
