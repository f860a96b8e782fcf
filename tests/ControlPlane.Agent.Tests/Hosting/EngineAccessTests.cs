using System.Diagnostics;
using System.Net.Sockets;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Tests.Fakes;

namespace ControlPlane.Agent.Tests.Hosting;

/// <summary>The published agent as root gives root up, in a process of its own; as another user it says what it lacks.</summary>
public sealed class EngineAccessTests : IDisposable
{
    private const int User = 1655;
    private const int Group = 54321;

    private readonly TempDirectory _directory = new();
    private readonly Socket _engine = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private string SocketPath => _directory.Sub("docker.sock");

    public void Dispose()
    {
        _engine.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Started_as_root_it_goes_on_as_its_own_user_with_the_group_of_the_socket()
    {
        await PrepareAsync($"chown 0:{Group} {SocketPath} && chmod 660 {SocketPath} && chown {User}:{User} {_directory.Sub("data")}");
        using var authority = new TestAuthority();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await File.WriteAllTextAsync(_directory.Sub("token"), server.Token.ToString(), TestContext.Current.CancellationToken);
        using var agent = Start("", "--server", server.Address.ToString(), "--token-file", _directory.Sub("token"), "--run-as", $"{User}");
        try
        {
            await server.Seen.Until(seen => seen.Hellos.Count == 1);
            var status = await File.ReadAllLinesAsync($"/proc/{agent.Id}/status", TestContext.Current.CancellationToken);

            Line(status, "Uid").ShouldBe($"{User} {User} {User} {User}");
            Line(status, "Gid").ShouldBe($"{User} {User} {User} {User}");
            Line(status, "Groups").ShouldBe($"{Group}");
            Line(status, "CapEff").ShouldBe("0000000000000000");
            Line(status, "CapPrm").ShouldBe("0000000000000000");
            foreach (var thread in Directory.GetDirectories($"/proc/{agent.Id}/task"))
            {
                Line(await File.ReadAllLinesAsync(thread + "/status", TestContext.Current.CancellationToken), "Uid").ShouldStartWith($"{User} {User} {User}", Case.Sensitive, thread);
            }

            (await RealEngine.Bash($"stat -c %u {_directory.Sub("data")}/identity.json")).ShouldBe($"{User}");
        }
        finally
        {
            await RealEngine.Bash($"kill -TERM {agent.Id} || true");
            await agent.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        agent.ExitCode.ShouldBe(ExitCode.Orderly);
    }

    [Fact]
    public async Task Started_as_another_user_it_says_which_group_the_socket_has()
    {
        await PrepareAsync($"chown 0:{Group} {SocketPath} && chmod 660 {SocketPath} && chown {User}:{User} {_directory.Sub("data")}");

        var (code, error) = await EndAsync(Start($"setpriv --reuid={User} --regid={User} --clear-groups", "--server", "https://localhost:1", "--token-file", "/nowhere/token"));

        code.ShouldBe(ExitCode.Refused);
        error.ShouldContain($"User {User} may not use the engine's socket '{SocketPath}', group {Group} may");
        error.ShouldContain($"--group-add {Group}");
    }

    [Fact]
    public async Task Without_the_capabilities_to_give_root_up_it_does_not_go_on_as_root()
    {
        await PrepareAsync($"chown 0:{Group} {SocketPath} && chmod 660 {SocketPath}");

        var (code, error) = await EndAsync(Start(
            "setpriv --bounding-set=-all --inh-caps=-all --no-new-privs", "--server", "https://localhost:1", "--token-file", "/nowhere/token", "--run-as", $"{User}"));

        code.ShouldBe(ExitCode.Refused);
        error.ShouldContain("SETUID and SETGID");
        File.Exists(_directory.Sub("data/identity.json")).ShouldBeFalse();
    }

    [Fact]
    public async Task As_root_it_needs_the_socket_to_know_the_group()
    {
        await PrepareAsync($"rm {SocketPath}");

        var (code, error) = await EndAsync(Start("", "--server", "https://localhost:1", "--token-file", "/nowhere/token", "--run-as", $"{User}"));

        code.ShouldBe(ExitCode.Refused);
        error.ShouldContain($"There is no engine socket '{SocketPath}'");
    }

    [Fact]
    public void A_socket_that_not_even_its_group_may_use_is_told_so()
    {
        var refusal = EngineAccess.Refusal("/s", User, new SocketOwners(7, Group, IsForGroup: false));

        refusal.ShouldContain("nor may its group 54321");
        refusal.ShouldContain("run as user 7");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("root")]
    [InlineData("4294967295")]
    [InlineData("")]
    public void Only_the_number_of_another_user_will_do(string user) =>
        Should.Throw<AgentRefusedException>(() => AgentCommandLine.Parse(["--data", "/d", "--run-as", user], _ => null)).ExitCode.ShouldBe(ExitCode.Usage);

    private async Task PrepareAsync(string owners)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give root up.");
        Assert.SkipWhen(NativeAgent.Binary is null, "artifacts/agent/controlplane-agent is not published.");
        _engine.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _engine.Listen();
        Directory.CreateDirectory(_directory.Sub("data"));
        await RealEngine.Bash($"chmod 755 {_directory.Path} && {owners}");
    }

    private Process Start(string prefix, params string[] arguments)
    {
        // What may be entered by the other user: the build's folder need not be.
        var binary = _directory.Sub("agent");
        File.Copy(NativeAgent.Binary!, binary);
        string[] all = [.. prefix.Split(' ', StringSplitOptions.RemoveEmptyEntries), binary, "--data", _directory.Sub("data"), "--engine", "unix://" + SocketPath, "--name", "node-1", .. arguments];
        return Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, UseShellExecute = false })!;
    }

    private static async Task<(int Code, string Error)> EndAsync(Process process)
    {
        using (process)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            var error = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, error);
        }
    }

    private static string Line(string[] status, string name) =>
        string.Join(' ', status.First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
