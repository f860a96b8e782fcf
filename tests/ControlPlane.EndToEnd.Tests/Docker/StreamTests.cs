using System.Globalization;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Logs, attach, exec, copies: bytes both ways, whole and at once.</summary>
public sealed class StreamTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task Logs_can_be_cut_stamped_and_followed()
    {
        await Admin.DockerAsync("run", "--name", "talks", Image, "sh", "-c", "for i in 1 2 3 4 5; do echo line $i; done; sleep 0.3; echo oops >&2");

        var all = await Admin.TryAsync("logs", "talks");
        all.Output.ShouldBe("line 1\nline 2\nline 3\nline 4\nline 5\n");
        all.Error.ShouldBe("oops\n");
        (await Admin.TryAsync("logs", "--tail", "2", "talks")).ShouldSatisfyAllConditions(cut => (cut.Output + cut.Error).ShouldBe("line 5\noops\n"));
        (await Admin.TryAsync("logs", "--since", "2100-01-01T00:00:00Z", "talks")).Output.ShouldBe("");
        (await Admin.TryAsync("logs", "--until", "2000-01-01T00:00:00Z", "talks")).Output.ShouldBe("");
        (await Admin.DockerAsync("logs", "-t", "--tail", "1", "talks")).Length.ShouldBeGreaterThanOrEqualTo(0);
        var stamped = (await Admin.TryAsync("logs", "-t", "talks")).Output.Split('\n')[0].Split(' ', 2);
        DateTimeOffset.TryParse(stamped[0], CultureInfo.InvariantCulture, out _).ShouldBeTrue(stamped[0]);
        stamped[1].ShouldBe("line 1");
        (await Admin.DockerAsync("logs", "-f", "talks")).ShouldEndWith("line 5");
    }

    [Fact]
    public async Task Followed_logs_come_at_once_and_end_with_the_container()
    {
        await Admin.DockerAsync("run", "-d", "--name", "ticks", Image, "sh", "-c", "for i in 1 2 3 4; do echo $i; sleep 0.3; done");

        var followed = await Admin.ShellAsync("docker logs -f ticks | while read line; do echo \"$line $(date +%s%N)\"; done");

        var times = followed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).ToList();
        times.Count.ShouldBe(4, followed.Error);
        (times[^1] - times[0]).ShouldBeGreaterThan(400_000_000, "they came in one piece");
    }

    [Fact]
    public async Task Exec_runs_with_input_output_and_exit_code()
    {
        await SleeperAsync(Admin, "worker", "-e", "COLOR=red");

        (await Admin.DockerAsync("exec", "worker", "echo", "hi")).ShouldBe("hi");
        var failed = await Admin.TryAsync("exec", "worker", "sh", "-c", "echo out; echo err >&2; exit 9");
        (failed.ExitCode, failed.Output, failed.Error).ShouldBe((9, "out\n", "err\n"));
        (await Admin.DockerAsync("exec", "-e", "SIZE=big", "-w", "/tmp", "worker", "sh", "-c", "echo $COLOR $SIZE $(pwd)")).ShouldBe("red big /tmp");
        (await Admin.DockerAsync("exec", "-u", "nobody", "worker", "id", "-un")).ShouldBe("nobody");
        (await Admin.ShellAsync("printf 'a\\nb\\n' | docker exec -i worker cat")).Output.ShouldBe("a\nb\n");
        (await Admin.ShellAsync("echo x | docker exec -i worker sh -c 'cat; sleep 0.3; echo after'")).Output.ShouldBe("x\nafter\n");
        await Admin.DockerAsync("exec", "-d", "worker", "touch", "/tmp/detached");
        await Wait.UntilAsync("The file of the detached exec", 5, async () => (await Admin.TryAsync("exec", "worker", "test", "-e", "/tmp/detached")).Succeeded);
        (await Admin.TryAsync("exec", "worker", "no-such-program")).ExitCode.ShouldBeOneOf(126, 127);
    }

    [Fact]
    public async Task A_terminal_works_in_run_exec_and_attach()
    {
        var run = await PtyAsync(["run", "--rm", "-it", "--name", "shell", Image, "sh"], ("#", "stty size; tty; echo mark-$((6*7))\n"), ("mark-42", "exit 5\n"));
        run.Output.ShouldContain("31 97");
        run.Output.ShouldContain("/dev/pts/");
        run.Output.ShouldContain("exit code 5");

        await Admin.DockerAsync("run", "-dit", "--name", "kept", Image, "sh");
        var exec = await PtyAsync(["exec", "-it", "kept", "sh"], ("#", "stty size; echo mark-$((6*7))\n"), ("mark-42", "exit 3\n"));
        exec.Output.ShouldContain("31 97");
        exec.Output.ShouldContain("exit code 3");
        var attach = await PtyAsync(["attach", "kept"], ("", "echo mark-$((6*7))\n"), ("mark-42", "\u0010\u0011"));
        attach.Output.ShouldContain("mark-42");
        (await Admin.DockerAsync("container", "inspect", "-f", "{{.State.Running}}", "kept")).ShouldBe("true", "Ctrl-P Ctrl-Q detaches and leaves it running");
    }

    [Fact]
    public async Task Attach_sees_what_is_written_and_the_end()
    {
        await Admin.DockerAsync("run", "-di", "--name", "echoes", Image, "sh", "-c", "while read line; do echo got $line; if [ $line = two ]; then exit 4; fi; done");

        // The input stays open until the output has come: an engine whose attach loses its input stops telling output as well.
        var attached = await Admin.ShellAsync("{ printf 'one\\ntwo\\n'; sleep 3; } | docker attach echoes; echo code ${PIPESTATUS[1]}");

        attached.Output.ShouldContain("got one\ngot two\n");
        attached.Output.ShouldContain("code 4", Case.Sensitive, attached.Error);
    }

    [Fact]
    public async Task Files_are_copied_in_and_out()
    {
        await SleeperAsync(Admin, "files");
        var result = await Admin.ShellAsync("""
            set -e
            mkdir -p "$HOME/in/sub"; echo deep > "$HOME/in/sub/file"; head -c 3000000 /dev/urandom > "$HOME/in/large"; ln -sf large "$HOME/in/link"
            docker cp "$HOME/in" files:/tmp/
            docker cp files:/tmp/in "$HOME/out"
            diff -r "$HOME/in" "$HOME/out" && echo same
            echo single > "$HOME/one"; docker cp "$HOME/one" files:/tmp/renamed; docker exec files cat /tmp/renamed
            docker cp files:/tmp/renamed - | tar -xO
            tar -c -C "$HOME" one | docker cp - files:/root; docker exec files cat /root/one
            docker export files | tar -t | grep -c '^tmp/in/large$'
            """);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldBe("same\nsingle\nsingle\nsingle\n1\n");
        (await Admin.RefusedAsync("cp", "files:/no/such", "-")).ShouldContain("no", Case.Insensitive);
    }

    [Fact]
    public async Task Two_hundred_megabytes_go_through_exec_and_come_back_the_same()
    {
        await SleeperAsync(Admin, "pipe");

        var result = await Admin.ShellAsync("""
            head -c 209715200 /dev/urandom > "$HOME/data"
            sha256sum < "$HOME/data"
            docker exec -i pipe cat < "$HOME/data" | sha256sum
            rm "$HOME/data"
            """);

        var sums = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        sums.Length.ShouldBe(2, result.Error);
        sums[1].ShouldBe(sums[0]);
    }

    [Fact]
    public async Task When_the_client_goes_the_engine_side_is_closed_within_five_seconds()
    {
        await SleeperAsync(Admin, "left");
        var node = await NodeOfAsync("left");

        // The engine ends its input when the connection has gone, and then cat ends.
        await Admin.ShellAsync("timeout -s KILL 2 docker exec -i left cat < <(echo first; sleep 10) >/dev/null; true");

        await Wait.UntilAsync("The end of the command nobody speaks to", 5, async () => !(await OnEngineAsync(node, "top", "left")).Contains("cat", StringComparison.Ordinal));
    }

    private async Task<CommandResult> PtyAsync(string[] arguments, params (string Expect, string Send)[] steps)
    {
        const string script = """
            import os, pty, sys, select, time, json, fcntl, termios, struct
            steps = json.loads(sys.argv[1])
            pid, fd = pty.fork()
            if pid == 0:
                os.execvp('docker', ['docker'] + sys.argv[2:])
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 31, 97, 0, 0))
            seen, start, end = '', 0, time.time() + 30
            nudged = False
            while time.time() < end:
                if steps and steps[0][0] in seen[start:] and (steps[0][0] or time.time() > end - 29):
                    start = len(seen)
                    os.write(fd, steps.pop(0)[1].encode())
                ready, _, _ = select.select([fd], [], [], 0.1)
                if ready:
                    try:
                        data = os.read(fd, 65536)
                    except OSError:
                        break
                    if not data:
                        break
                    seen += data.decode('utf-8', 'replace')
            else:
                os.kill(pid, 9)
            _, status = os.waitpid(pid, 0)
            print(seen)
            print('exit code', os.waitstatus_to_exitcode(status))
            """;
        var json = System.Text.Json.JsonSerializer.Serialize(steps.Select(step => new[] { step.Expect, step.Send }));
        return await Command.RunAsync("/usr/bin/python3", ["-c", script, json, .. arguments], TimeSpan.FromSeconds(45), Admin.Environment, Cancellation);
    }
}
