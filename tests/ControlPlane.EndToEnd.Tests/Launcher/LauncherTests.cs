namespace ControlPlane.EndToEnd.Tests.Launcher;

public sealed class LauncherTests(LauncherRun run) : IClassFixture<LauncherRun>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Up_tells_the_address_the_account_and_the_nodes()
    {
        run.FirstUp.Output.ShouldContain("https://");
        run.FirstUp.Output.ShouldMatch(@"Password +\S{12,}");
        run.FirstUp.Output.ShouldContain("node-1");
        run.FirstUp.Output.ShouldContain("Ready");
    }

    [Fact]
    public void It_leaves_every_promised_file()
    {
        string[] promised =
        [
            "admin.env", "server.pid", "server.log",
            .. new[] { "node-1", "node-2" }.SelectMany(node => new[] { "docker.sock", "dockerd.pid", "agent.pid", "agent.log" }.Select(file => $"nodes/{node}/{file}")),
        ];

        promised.Except(run.Modes.Keys).ShouldBeEmpty();
        run.Modes["admin.env"].ShouldBe(OwnerOnly);
    }

    [Fact]
    public void The_password_is_in_no_log()
    {
        var password = System.Text.RegularExpressions.Regex.Match(
            run.FirstUp.Output, @"Password +(?<password>\S+)", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["password"].Value;

        File.ReadAllText(Path.Combine(run.Data, "server.log")).ShouldNotContain(password);
        run.SecondUp.Output.ShouldNotContain(password);
    }

    [Fact]
    public void Curl_needs_nothing_but_admin_env() => run.CurledNodes.ShouldContain("\"security\":\"high\"");

    [Fact]
    public void A_second_up_resumes_the_same_cluster()
    {
        run.FirstNodes.Count.ShouldBe(2);
        run.SecondNodes.ShouldBe(run.FirstNodes, ignoreOrder: true);
        run.ContainerAfterwards.ShouldContain("\"name\":\"kept\"");
    }

    [Fact]
    public void Down_leaves_nothing_behind()
    {
        run.Down.ExitCode.ShouldBe(0, run.Down.Error);
        run.Left.ShouldBeEmpty();
    }

    [Fact]
    public void Status_says_that_nothing_runs_and_so_does_its_exit_code()
    {
        run.StatusWhileDown.ExitCode.ShouldBe(3);
        run.StatusWhileDown.Output.ShouldContain("not running");
    }
}
