using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class PlatformFilterTests
{
    [Theory]
    [InlineData("linux", "amd64", "ostype=linux,architecture=x86_64", null)]
    [InlineData("linux", "x86_64", "ostype=linux,architecture=amd64", null)]
    [InlineData("Linux", "AMD64", "ostype=linux,architecture=X86_64", null)]
    [InlineData("linux", "amd64", "ostype=linux,architecture=aarch64", "needs linux/amd64, is linux/arm64")]
    [InlineData("linux", "amd64", "ostype=windows,architecture=x86_64", "needs linux/amd64, is windows/amd64")]
    [InlineData("windows", "", "ostype=linux,architecture=x86_64", "needs windows, is linux/amd64")]
    [InlineData("", "arm64", "ostype=linux,architecture=x86_64", "needs arm64, is linux/amd64")]
    [InlineData("", "aarch64", "ostype=linux,architecture=x86_64", "needs arm64, is linux/amd64")]
    [InlineData("linux", "386", "ostype=linux,architecture=x86_64", null)]
    [InlineData("linux", "amd64", "ostype=linux,architecture=i686", "needs linux/amd64, is linux/386")]
    [InlineData("linux", "arm", "ostype=linux,architecture=aarch64", "needs linux/arm, is linux/arm64")]
    [InlineData("linux", "arm64", "ostype=linux,architecture=armv7l", "needs linux/arm64, is linux/arm")]
    [InlineData("linux", "riscv64", "ostype=linux,architecture=riscv64", null)]
    [InlineData("linux", "riscv64", "ostype=linux,architecture=s390x", "needs linux/riscv64, is linux/s390x")]
    public void A_node_runs_what_was_built_for_it(string os, string architecture, string facts, string? text) =>
        Check(new PlatformFilter(), Asking(os, architecture), Make.Node(1, facts: facts), text);

    [Theory]
    [InlineData(null, null)]
    [InlineData("ostype=linux", null)]
    [InlineData("architecture=x86_64", null)]
    [InlineData("ostype=windows", "needs linux/amd64, is windows")]
    [InlineData("architecture=aarch64", "needs linux/amd64, is arm64")]
    public void A_fact_that_is_missing_says_nothing(string? facts, string? text) =>
        Check(new PlatformFilter(), Asking("linux", "amd64"), Make.Node(1, facts: facts), text);

    [Fact]
    public void A_label_cannot_forge_the_platform() =>
        Check(new PlatformFilter(), Asking("linux", "amd64"), Make.Node(1, labels: "architecture=amd64", facts: "architecture=aarch64"), "needs linux/amd64, is arm64");

    [Fact]
    public void Without_a_known_platform_there_is_nothing_to_check()
    {
        new PlatformFilter().For(new PlacementRequest()).ShouldBeNull();
        new PlatformFilter().For(Asking("", "")).ShouldBeNull();
        new PlatformFilter().For(new PlacementRequest { Platform = default(Platform) }).ShouldBeNull();
    }

    [Fact]
    public void Half_a_platform_is_checked()
    {
        new PlatformFilter().For(Asking("linux", "")).ShouldNotBeNull();
        new PlatformFilter().For(Asking("", "arm")).ShouldNotBeNull();
    }

    [Fact]
    public void Nodes_of_another_platform_are_counted_in_words() => Summary(
        new PlatformFilter(), Asking("linux", "amd64"), Make.Node(1, facts: "ostype=linux,architecture=aarch64"), "1 is not linux/amd64", "3 are not linux/amd64");

    [Theory]
    [InlineData("x86_64", "amd64")]
    [InlineData("x86-64", "amd64")]
    [InlineData("x64", "amd64")]
    [InlineData("amd64", "amd64")]
    [InlineData("aarch64", "arm64")]
    [InlineData("arm64", "arm64")]
    [InlineData("arm64v8", "arm64")]
    [InlineData("arm", "arm")]
    [InlineData("armhf", "arm")]
    [InlineData("armel", "arm")]
    [InlineData("armv5l", "arm")]
    [InlineData("armv6l", "arm")]
    [InlineData("armv7l", "arm")]
    [InlineData("armv8l", "arm")]
    [InlineData("i386", "386")]
    [InlineData("i486", "386")]
    [InlineData("i586", "386")]
    [InlineData("i686", "386")]
    [InlineData("x86", "386")]
    [InlineData("386", "386")]
    [InlineData("ppc64el", "ppc64le")]
    [InlineData("ppc64le", "ppc64le")]
    [InlineData("loongarch64", "loong64")]
    [InlineData("S390X", "s390x")]
    [InlineData("", "")]
    public void Every_common_name_of_an_architecture_is_known(string name, string normalized)
    {
        new Platform("Linux", name).Normalized.ShouldBe(new Platform("linux", normalized));
        new Platform("", normalized).RunsOn(new Platform("", name)).ShouldBeTrue();
        new Platform("", name).RunsOn(new Platform("", normalized)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("linux", "amd64", "linux/amd64")]
    [InlineData("linux", "", "linux")]
    [InlineData("", "amd64", "amd64")]
    [InlineData("", "", "")]
    public void A_platform_reads_as_docker_writes_it(string os, string architecture, string text) =>
        new Platform(os, architecture).ToString().ShouldBe(text);

    [Fact]
    public void The_default_value_asks_for_nothing()
    {
        default(Platform).RunsOn(new Platform("linux", "amd64")).ShouldBeTrue();
        new Platform("linux", "amd64").RunsOn(default).ShouldBeTrue();
        default(Platform).Normalized.ShouldBe(new Platform("", ""));
        default(Platform).ToString().ShouldBe("");
    }

    private static PlacementRequest Asking(string os, string architecture) => new() { Platform = new Platform(os, architecture) };
}
