using System.Text.RegularExpressions;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Install;

/// <summary>The systemd units, judged by systemd.</summary>
public sealed partial class UnitTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cpt-units");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("controlplane-server.service")]
    [InlineData("controlplane-agent.service")]
    public async Task Systemd_understands_every_line(string unit)
    {
        // The programs are not installed here.
        var text = await File.ReadAllTextAsync(Source(unit), Cancellation);
        var file = Path.Combine(_directory.FullName, unit);
        await File.WriteAllTextAsync(file, Program().Replace(text, "ExecStart=/bin/true", 1), Cancellation);

        var result = await Command.RunAsync("systemd-analyze", ["verify", file], Cancellation);

        (result.ExitCode, result.Error + result.Output).ShouldBe((0, ""));
    }

    [Theory]
    [InlineData("controlplane-server.service")]
    [InlineData("controlplane-agent.service")]
    public async Task A_unit_takes_nearly_all_rights_away(string unit)
    {
        var result = await Command.RunAsync("systemd-analyze", ["security", "--offline=true", "--threshold=20", "--no-pager", Source(unit)], Cancellation);

        result.ExitCode.ShouldBe(0, result.Output);
        result.Output.ShouldContain("Overall exposure level");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Source(string unit) => Path.Combine(Repository.Root, "deploy/systemd", unit);

    [GeneratedRegex("^ExecStart=.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Program();
}
