namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>docker-compose 1.29 and python3-docker, as Debian has them, and what is refused to every client.</summary>
public sealed class ClientTests(DockerCluster docker) : DockerTest(docker)
{
    [Theory]
    [InlineData("service", "ls")]
    [InlineData("node", "ls")]
    [InlineData("stack", "ls")]
    [InlineData("secret", "ls")]
    [InlineData("config", "ls")]
    [InlineData("plugin", "ls")]
    [InlineData("swarm", "init")]
    [InlineData("service", "create", "--name", "x", "busybox")]
    public async Task Swarm_mode_is_refused_with_our_way(params string[] arguments) =>
        (await Admin.RefusedAsync(arguments)).Length.ShouldBeGreaterThan(60);

    [Fact]
    public async Task Compose_brings_a_project_up_and_down()
    {
        var directory = Path.Combine(Admin.Home, "project");
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(
            Path.Combine(directory, "docker-compose.yml"),
            """
            version: "2.4"
            services:
              web:
                image: busybox
                command: sh -c "echo web is up; mkdir -p /data; echo page > /data/index.html; exec httpd -f -p 80 -h /data"
                stop_signal: SIGKILL
                volumes: ["pages:/data"]
                networks: [inner]
              client:
                image: busybox
                command: sh -c "until wget -q -O - http://web/; do sleep 0.2; done; exec sleep 3600"
                stop_signal: SIGKILL
                depends_on: [web]
                networks: [inner]
            networks:
              inner: {}
            volumes:
              pages: {}
            """,
            Cancellation);

        var up = await Admin.ComposeAsync(directory, "up", "-d");
        up.ExitCode.ShouldBe(0, up.Error + up.Output);
        (await Admin.ComposeAsync(directory, "ps")).Output.ShouldContain("project_web_1");
        await Clusters.Wait.UntilAsync("The page that the client fetched", 20, async () => (await Admin.ComposeAsync(directory, "logs", "--no-color")).Output.Contains("page", StringComparison.Ordinal));
        (await Admin.ComposeAsync(directory, "logs", "--no-color", "web")).Output.ShouldContain("web is up");
        (await Admin.ComposeAsync(directory, "exec", "-T", "client", "wget", "-q", "-O", "-", "http://web/")).Output.ShouldBe("page\n");
        (await Admin.ComposeAsync(directory, "up", "-d")).Error.ShouldContain("up-to-date");
        (await Admin.ComposeAsync(directory, "restart", "-t", "1", "web")).ExitCode.ShouldBe(0);
        (await NodeOfAsync("project_web_1")).ShouldBe(await NodeOfAsync("project_client_1"));
        var down = await Admin.ComposeAsync(directory, "down", "-v", "-t", "1");
        down.ExitCode.ShouldBe(0, down.Error + down.Output);

        (await Cluster.PsAsync()).ShouldBeEmpty();
        (await Admin.LinesAsync("network", "ls", "-q", "--filter", "name=project")).ShouldBeEmpty();
        (await Admin.LinesAsync("volume", "ls", "-q")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Python_runs_containers_and_reads_their_logs()
    {
        (await Admin.PythonAsync("""
            print(client.version()['ApiVersion'], client.ping())
            print(client.containers.run('busybox', ['echo', 'hello'], remove=True).decode().strip())
            c = client.containers.run('busybox', ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.1; done; exec sleep 3600'], detach=True, name='py', stop_signal='KILL', labels={'by': 'python'})
            lines = []
            for line in c.logs(stream=True, follow=True):
                lines.append(line.decode().strip())
                if len(lines) == 3: break
            print(' '.join(lines))
            code, output = c.exec_run(['sh', '-c', 'echo in; exit 3'])
            print(code, output.decode().strip())
            code, output = c.exec_run('echo demultiplexed', demux=True)
            print(output)
            print([x.name for x in client.containers.list(filters={'label': 'by=python'})] == ['py'] or client.containers.list()[0].attrs['Name'])
            c.reload(); print(c.status)
            print(c.stats(stream=False)['memory_stats']['usage'] > 0, len(c.top()['Processes']))
            c.stop(timeout=1); print(c.wait()['StatusCode']); c.remove()
            try:
                client.containers.get('py')
            except docker.errors.NotFound as e:
                print('gone')
            """)).ShouldBe("1.44 True\nhello\n1 2 3\n3 in\n(b'demultiplexed\\n', None)\nTrue\nrunning\nTrue 1\n137\ngone");
    }

    [Fact]
    public async Task Python_copies_archives_and_uses_volumes_networks_images_and_events()
    {
        (await Admin.PythonAsync("""
            import time
            since = int(time.time()) - 1
            c = client.containers.run('busybox', 'sleep 3600', detach=True, name='py', stop_signal='KILL')
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode='w') as tar:
                info = tarfile.TarInfo('file'); data = b'x' * 100000; info.size = len(data); tar.addfile(info, io.BytesIO(data))
            print(c.put_archive('/tmp', buffer.getvalue()))
            stream, stat = c.get_archive('/tmp/file')
            back = io.BytesIO(b''.join(stream))
            print(stat['size'], len(tarfile.open(fileobj=back).extractfile('file').read()))
            v = client.volumes.create('node-1/pyvolume'); print('pyvolume' in v.name); v.remove()
            n = client.networks.create('node-1/pynetwork', driver='bridge'); print(any('pynetwork' in x.name for x in client.networks.list())); n.remove()
            print('busybox:latest' in client.images.get('busybox').tags, len(client.images.list(name='busybox')))
            c.remove(force=True)
            seen = [e['Action'] for e in client.events(since=since, until=int(time.time()) + 1, decode=True, filters={'container': 'py'})]
            print('create' in seen, 'destroy' in seen)
            """)).ShouldBe("True\n100000 100000\nTrue\nTrue\nTrue 1\nTrue True");
    }
}
