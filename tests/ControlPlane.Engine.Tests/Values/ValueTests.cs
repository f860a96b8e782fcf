using ControlPlane.Engine.Values;

namespace ControlPlane.Engine.Tests.Values;

public class ValueTests
{
    [Theory]
    [InlineData("web", true)]
    [InlineData("a1", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("-ab", false)]
    [InlineData("a/b", false)]
    [InlineData("ab\n", false)]
    [InlineData("é1", false)]
    [InlineData("a b", false)]
    [InlineData("deadbeefcaf", true)]
    [InlineData("deadbeefcafe", false)]
    [InlineData("DEADBEEFCAFE", false)]
    [InlineData("deadbeefcafeg", true)]
    public void Container_names(string name, bool valid) => ContainerName.IsValid(name).ShouldBe(valid);

    [Fact]
    public void Container_names_end_at_128_characters()
    {
        ContainerName.IsValid(new string('z', 128)).ShouldBeTrue();
        ContainerName.IsValid(new string('z', 129)).ShouldBeFalse();
    }

    [Fact]
    public void Engine_ids_are_64_lower_case_digits()
    {
        EngineId.IsValid(new string('a', 64)).ShouldBeTrue();
        EngineId.IsValid(new string('A', 64)).ShouldBeFalse();
        EngineId.IsValid(new string('a', 63)).ShouldBeFalse();
        EngineId.IsValid(new string('a', 64) + "\n").ShouldBeFalse();
    }

    [Theory]
    [InlineData("busybox", "docker.io/library/busybox:latest", "busybox:latest")]
    [InlineData("docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest")]
    [InlineData("index.docker.io/busybox:1", "docker.io/library/busybox:1", "busybox:1")]
    [InlineData("grafana/loki:2.9", "docker.io/grafana/loki:2.9", "grafana/loki:2.9")]
    [InlineData("localhost/app", "localhost/app:latest", "localhost/app:latest")]
    [InlineData("localhost:5000/a/b__c/d-e.f:T_1", "localhost:5000/a/b__c/d-e.f:T_1", "localhost:5000/a/b__c/d-e.f:T_1")]
    [InlineData("[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app:latest")]
    [InlineData("a--b", "docker.io/library/a--b:latest", "a--b:latest")]
    [InlineData("x@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "docker.io/library/x@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "x@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Image_references(string text, string full, string familiar)
    {
        ImageReference.TryParse(text, out var reference, out var problem).ShouldBeTrue(problem);
        reference!.ToFullString().ShouldBe(full);
        reference.ToString().ShouldBe(familiar);
        ImageReference.TryParse(reference.ToString(), out var again, out _).ShouldBeTrue();
        again.ShouldBe(reference);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Busybox")]
    [InlineData("busybox:")]
    [InlineData("busybox:-x")]
    [InlineData("busybox:a b")]
    [InlineData("busybox\n")]
    [InlineData(" busybox")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a..b")]
    [InlineData("a___b")]
    [InlineData("a_.b")]
    [InlineData("a_")]
    [InlineData("-host.x/a")]
    [InlineData("host:99999/a")]
    [InlineData("host:/a")]
    [InlineData("x@sha256:abc")]
    [InlineData("x@md5:e3b0c44298fc1c149afbf4c8996fb924")]
    [InlineData("x@")]
    [InlineData("http://x/y")]
    [InlineData("../etc")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void What_is_no_image_reference(string text)
    {
        ImageReference.TryParse(text, out _, out var problem).ShouldBeFalse();
        problem.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("53/udp", "53/udp")]
    [InlineData("65535/sctp", "65535/sctp")]
    [InlineData("0", null)]
    [InlineData("65536", null)]
    [InlineData("080", null)]
    [InlineData("+80", null)]
    [InlineData("80/TCP", null)]
    [InlineData("80/icmp", null)]
    [InlineData("80-81", null)]
    [InlineData("/tcp", null)]
    [InlineData("", null)]
    public void Container_ports(string text, string? port) =>
        (ContainerPort.TryParse(text, out var parsed) ? parsed.ToString() : null).ShouldBe(port);

    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("8080:80", "8080:80/tcp")]
    [InlineData("127.0.0.1:8080:80/udp", "127.0.0.1:8080:80/udp")]
    [InlineData("127.0.0.1::80", "127.0.0.1::80/tcp")]
    [InlineData("[::1]:8080:80", "[::1]:8080:80/tcp")]
    [InlineData("::1:8080:80", null)]
    [InlineData("[::1%eth0]:8080:80", null)]
    [InlineData("127.1:8080:80", null)]
    [InlineData("0x7f000001:8080:80", null)]
    [InlineData("[127.0.0.1]:8080:80", null)]
    [InlineData("host:8080:80", null)]
    [InlineData(":80", null)]
    [InlineData("0:80", null)]
    [InlineData("", null)]
    public void Port_publications(string text, string? publication) =>
        (PortPublication.TryParse(text, out var parsed) ? parsed.ToString() : null).ShouldBe(publication);

    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("9", 9)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    [InlineData("0", null)]
    [InlineData("65", null)]
    [InlineData("SIGNOPE", null)]
    [InlineData("RTMIN+16", null)]
    [InlineData("", null)]
    public void Signals(string text, int? number) => (Signal.TryParse(text, out var parsed) ? parsed : (int?)null).ShouldBe(number);

    [Theory]
    [InlineData(0d, 0L)]
    [InlineData(0.001, 1_000_000L)]
    [InlineData(1.5, 1_500_000_000L)]
    [InlineData(0.0009, null)]
    [InlineData(-1d, null)]
    [InlineData(double.NaN, null)]
    [InlineData(1e300, null)]
    public void Durations(double seconds, long? nanoseconds) =>
        (EngineDuration.TryFromSeconds(seconds, out var parsed) ? parsed : (long?)null).ShouldBe(nanoseconds);

    [Theory]
    [InlineData("no", 0, true)]
    [InlineData("on-failure:5", 5, true)]
    [InlineData("on-failure:-1", 0, false)]
    [InlineData("always:3", 0, false)]
    [InlineData("Always", 0, false)]
    public void Restart_policies(string text, int count, bool valid)
    {
        RestartPolicyName.TryParse(text, out var policy).ShouldBe(valid);
        (policy?.MaximumRetryCount ?? 0).ShouldBe(count);
    }
}
