using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Launcher;

public sealed class LauncherRefusalTests : IDisposable
{
    private readonly LabPaths _paths = new(LabDirectory.CreateTemporary());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_paths.Root, recursive: true);

    [Fact]
    public async Task A_used_port_is_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var result = await LauncherRun.RunAsync("up", "--detach", "--nodes", "1", "--data", _paths.Root, "--port", port);

        ShouldBeOneSentence(result, port);
        Directory.Exists($"/sys/class/net/cp{_paths.Id}").ShouldBeFalse();
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_one_sentence()
    {
        var file = Path.Combine(_paths.Root, "file");
        await File.WriteAllTextAsync(file, "x", Cancellation);

        ShouldBeOneSentence(await LauncherRun.RunAsync("up", "--detach", "--nodes", "1", "--data", file), file);
    }

    [Fact]
    public async Task A_broken_memory_of_the_cluster_is_one_sentence()
    {
        await File.WriteAllTextAsync(Path.Combine(_paths.Root, "lab.json"), "{ broken", Cancellation);

        ShouldBeOneSentence(await LauncherRun.RunAsync("up", "--detach", "--nodes", "1", "--data", _paths.Root), "lab.json");
    }

    [Fact]
    public async Task A_broken_database_is_told_and_nothing_is_left_running()
    {
        var port = LauncherRun.FreePort().ToString(CultureInfo.InvariantCulture);
        var result = await LauncherRun.RunAsync(
            "up", "--detach", "--nodes", "1", "--data", _paths.Root, "--port", port, "--database", "Host=127.0.0.1;Port=9;Username=x;Password=y;Database=z;Timeout=2");

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldNotContain("   at ");
        Directory.Exists($"/sys/class/net/cp{_paths.Id}").ShouldBeFalse();
    }

    [Fact]
    public async Task No_engine_is_one_sentence()
    {
        // The machine's own engine, if there is one, is hidden behind an empty directory.
        var empty = Directory.CreateDirectory(Path.Combine(_paths.Root, "empty")).FullName;
        var result = await Command.RunAsync(
            "unshare",
            ["-m", "/bin/sh", "-ec", "mount --bind \"$1\" /run; exec \"$2\" up --detach --data \"$3\" --port 18443", "sh", empty, Path.Combine(Repository.Root, "controlplane"), Path.Combine(_paths.Root, "data")],
            TimeSpan.FromMinutes(3), environment: null, Cancellation);

        ShouldBeOneSentence(result, "engine");
    }

    [Theory]
    [InlineData("up", "--nodes", "none")]
    [InlineData("up", "--nodes", "0")]
    [InlineData("up", "--port", "70000")]
    [InlineData("up", "--colour", "red")]
    [InlineData("down", "--nodes", "2")]
    [InlineData("dance", "", "")]
    public async Task Arguments_that_make_no_sense_are_one_sentence(params string[] arguments)
    {
        string[] data = arguments[0] == "dance" ? [] : ["--data", Path.Combine(_paths.Root, "data")];

        ShouldBeOneSentence(await LauncherRun.RunAsync([.. arguments.Where(argument => argument.Length > 0), .. data]), arguments[0] == "dance" ? "dance" : arguments[1]);
    }

    private static void ShouldBeOneSentence(CommandResult result, string about)
    {
        result.ExitCode.ShouldNotBe(0);
        result.Error.Trim().Split('\n').Length.ShouldBe(1, result.Error);
        result.Error.ShouldContain(about, Case.Insensitive);
        result.Error.ShouldNotContain("Exception");
    }
}
