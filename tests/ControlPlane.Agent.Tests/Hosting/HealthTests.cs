using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Agent.Tests.Hosting;

public sealed class HealthTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private string File => _directory.Sub("session");

    public void Dispose()
    {
        _directory.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public void Without_a_session_the_agent_is_not_healthy()
    {
        Run().ShouldBe(ExitCode.Refused);

        _errors.ToString().Trim().ShouldBe("There is no session with the server.");
    }

    [Fact]
    public void An_acknowledged_heartbeat_makes_it_healthy_until_it_is_overdue()
    {
        var file = new HealthFile(File, _clock);
        file.Confirm(TimeSpan.FromSeconds(9));

        Run().ShouldBe(ExitCode.Orderly);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Run().ShouldBe(ExitCode.Orderly);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Run().ShouldBe(ExitCode.Refused);
        _errors.ToString().ShouldContain("2 s late");
        file.Confirm(TimeSpan.FromSeconds(9));
        Run().ShouldBe(ExitCode.Orderly);
    }

    [Fact]
    public void The_end_of_a_session_counts_at_once()
    {
        var file = new HealthFile(File, _clock);
        file.Confirm(TimeSpan.FromHours(1));
        file.Remove();

        Run().ShouldBe(ExitCode.Refused);
        Should.NotThrow(file.Remove);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    public void A_file_that_says_nothing_is_not_healthy(string text)
    {
        System.IO.File.WriteAllText(File, text);

        Run().ShouldBe(ExitCode.Refused);

        _errors.ToString().ShouldContain("is not a health file");
    }

    [Fact]
    public void A_directory_that_cannot_be_written_does_not_stop_the_agent()
    {
        var file = new HealthFile("/proc/nowhere/session", _clock);

        Should.NotThrow(() => file.Confirm(TimeSpan.FromSeconds(9)));
        Should.NotThrow(file.Remove);
    }

    [Fact]
    public void Other_users_may_ask()
    {
        new HealthFile(File, _clock).Confirm(TimeSpan.FromSeconds(9));

        System.IO.File.GetUnixFileMode(File).HasFlag(UnixFileMode.OtherRead).ShouldBeTrue();
    }

    [Theory]
    [InlineData]
    [InlineData("--health-file")]
    [InlineData("--health-file", "")]
    [InlineData("--data", "/d")]
    public void Health_wants_the_file_and_nothing_else(params string[] arguments) =>
        Should.Throw<AgentRefusedException>(() => HealthCommand.Run(arguments, _clock, _output, _errors)).ExitCode.ShouldBe(ExitCode.Usage);

    [Fact]
    public async Task A_running_agent_is_healthy_from_its_first_acknowledged_heartbeat_to_its_end()
    {
        using var authority = new TestAuthority();
        await using var server = await FakeControlPlane.StartAsync(authority);
        new HealthFile(File, TimeProvider.System).Confirm(TimeSpan.FromHours(1));
        await using (new RunningAgent(_directory.Sub("data"), "/nowhere/docker.sock", server, healthFile: File))
        {
            await server.Seen.Until(seen => seen.Heartbeats.Count > 1);
            HealthCommand.Run(["--health-file", File], TimeProvider.System, _output, _errors).ShouldBe(ExitCode.Orderly, _errors.ToString());

            // Not what the process before it had left: that was good for an hour.
            DateTimeOffset.Parse(await System.IO.File.ReadAllTextAsync(File), System.Globalization.CultureInfo.InvariantCulture)
                .ShouldBeLessThan(TimeProvider.System.GetUtcNow().AddMinutes(1));
        }

        HealthCommand.Run(["--health-file", File], TimeProvider.System, _output, _errors).ShouldBe(ExitCode.Refused);
    }

    private int Run() => HealthCommand.Run(["--health-file", File], _clock, _output, _errors);
}
