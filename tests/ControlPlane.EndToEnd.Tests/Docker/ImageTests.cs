namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Images of a cluster without a registry.</summary>
public sealed class ImageTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task Images_are_listed_once_tagged_and_removed_everywhere()
    {
        (await Admin.LinesAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Count(name => name == "busybox:latest").ShouldBe(1);
        (await Admin.DockerAsync("image", "inspect", "-f", "{{.Os}}", Image)).ShouldBe("linux");
        (await Admin.LinesAsync("history", "--format", "{{.CreatedBy}}", Image)).ShouldNotBeEmpty();

        await Admin.DockerAsync("tag", Image, "renamed:v1");
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await OnEngineAsync(node.Name, "images", "-q", "renamed:v1")).ShouldNotBeEmpty(node.Name);
        }

        (await Admin.DockerAsync("run", "--rm", "renamed:v1", "echo", "by its other name")).ShouldBe("by its other name");
        await Admin.DockerAsync("rmi", "renamed:v1");
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await OnEngineAsync(node.Name, "images", "-q", "renamed:v1")).ShouldBeEmpty(node.Name);
        }

        (await Admin.RefusedAsync("rmi", "renamed:v1")).ShouldContain("No such image");
        (await Admin.RefusedAsync("image", "inspect", "no-such-image")).ShouldContain("No such image");
        (await Admin.LinesAsync("images", "-q", "busybox")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task An_image_in_use_is_not_removed()
    {
        await SleeperAsync(Admin, "user");
        await Admin.DockerAsync("tag", Image, "in-use:v1");

        await Admin.RefusedAsync("rmi", await Admin.DockerAsync("images", "-q", Image));
        (await Admin.DockerAsync("run", "--rm", Image, "echo", "still")).ShouldBe("still");
        await Admin.DockerAsync("rmi", "in-use:v1");
    }

    [Fact]
    public async Task A_pull_that_fails_says_why_and_an_image_that_is_there_is_never_asked_for()
    {
        var text = await Admin.RefusedAsync("pull", "127.0.0.1:1/no/such:image");
        text.ShouldContain("127.0.0.1:1");
        (await Admin.RefusedAsync("run", "--rm", "127.0.0.1:1/no/such:image")).ShouldContain("127.0.0.1:1");
        var started = TimeProvider.System.GetTimestamp();
        await Admin.DockerAsync("run", "--rm", Image, "true");
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Two_hundred_megabytes_are_saved_and_loaded_on_every_node()
    {
        await SleeperAsync(Admin, "large");
        await Admin.DockerAsync("exec", "large", "sh", "-c", "head -c 209715200 /dev/urandom > /data; sha256sum /data > /sum");
        await Admin.DockerAsync("commit", "-c", "LABEL test=1", "large", "large-image:v1");
        var sum = (await Admin.DockerAsync("exec", "large", "cat", "/sum")).Split(' ')[0];
        await Admin.DockerAsync("rm", "-f", "large");

        var result = await Admin.ShellAsync("""
            set -e
            docker save -o "$HOME/image.tar" large-image:v1
            tar -tf "$HOME/image.tar" | grep -c manifest.json
            docker rmi large-image:v1 >/dev/null
            docker save busybox > /dev/null
            docker load -i "$HOME/image.tar"
            rm "$HOME/image.tar"
            """);

        result.ExitCode.ShouldBe(0, result.Error);
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await Admin.DockerAsync("run", "--rm", "-e", $"constraint:node=={node.Name}", "large-image:v1", "sha256sum", "/data")).ShouldStartWith(sum, Case.Sensitive, node.Name);
        }

        var piped = await Admin.ShellAsync("docker save large-image:v1 | docker load");
        piped.Output.ShouldContain("large-image:v1", Case.Sensitive, piped.Error);
    }

    [Fact]
    public async Task An_image_is_imported_and_committed()
    {
        await Admin.DockerAsync("run", "--name", "changed", Image, "sh", "-c", "echo changed > /mark");

        await Admin.DockerAsync("commit", "-m", "with a mark", "-c", "LABEL test=1", "changed", "changed:v1");
        (await Admin.DockerAsync("run", "--rm", "changed:v1", "cat", "/mark")).ShouldBe("changed");

        var imported = await Admin.ShellAsync("docker export changed | docker import -c 'LABEL test=1' -c 'CMD [\"sh\"]' - imported:v1");
        imported.ExitCode.ShouldBe(0, imported.Error);
        (await Admin.DockerAsync("run", "--rm", "imported:v1", "cat", "/mark")).ShouldBe("changed");
    }

    [Fact]
    public async Task An_image_is_built_where_a_build_argument_says()
    {
        var directory = Path.Combine(Admin.Home, "context");
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "Dockerfile"), "FROM busybox\nLABEL test=1\nARG WORD=none\nCOPY file /file\nRUN echo built $WORD > /built\nCMD [\"cat\", \"/built\"]\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(directory, "file"), "content\n", Cancellation);

        var built = await Admin.TryAsync("build", "--network", "none", "--build-arg", "constraint:node==node-2", "--build-arg", "WORD=here", "-t", "built:v1", directory);

        built.ExitCode.ShouldBe(0, built.Error + built.Output);
        built.Output.ShouldContain("Successfully tagged built:v1");
        (await OnEngineAsync("node-2", "images", "-q", "built:v1")).ShouldNotBeEmpty();
        (await OnEngineAsync("node-1", "images", "-q", "built:v1")).ShouldBeEmpty();
        // It is on one node only, so that is where the container goes.
        (await Admin.DockerAsync("run", "--name", "of-it", "built:v1")).ShouldBe("built here");
        (await NodeOfAsync("of-it")).ShouldBe("node-2");
        // All of it comes from the cache: only the names are new, and a run finds them at once.
        foreach (var (name, quiet) in ((string, bool)[])[("again:v1", false), ("again:v2", true)])
        {
            await Admin.DockerAsync(["build", .. quiet ? (string[])["-q"] : [], "--network", "none", "--build-arg", "constraint:node==node-2", "--build-arg", "WORD=here", "-t", name, directory]);
            (await Admin.DockerAsync("run", "--rm", name)).ShouldBe("built here");
        }

        (await Admin.TryAsync("build", "--network", "none", "-t", "broken:v1", "--build-arg", "constraint:zone==mars", directory)).Succeeded.ShouldBeFalse();
        await File.WriteAllTextAsync(Path.Combine(directory, "Dockerfile"), "FROM busybox\nRUN exit 3\n", Cancellation);
        (await Admin.TryAsync("build", "--network", "none", directory)).ShouldSatisfyAllConditions(failed => failed.Succeeded.ShouldBeFalse(), failed => (failed.Error + failed.Output).ShouldContain("3"));
    }

    [Fact]
    public async Task Prune_and_disk_usage_count_the_cluster()
    {
        await Admin.DockerAsync("volume", "create", "counted");
        await Admin.DockerAsync("run", "--name", "stopped", "-v", "counted:/data", Image, "sh", "-c", "head -c 1000000 /dev/zero > /data/x");
        var usage = await Admin.DockerAsync("system", "df");
        usage.ShouldContain("Images");
        usage.ShouldContain("Containers");
        usage.ShouldContain("Local Volumes");
        (await Admin.DockerAsync("system", "df", "-v")).ShouldContain("stopped");

        await Admin.DockerAsync("rm", "stopped");
        await Admin.DockerAsync("image", "prune", "-f");
        (await Admin.LinesAsync("images", "-q", "busybox")).Length.ShouldBe(1);
        await Admin.DockerAsync("system", "prune", "-f");
        (await Admin.LinesAsync("images", "-q", "busybox")).Length.ShouldBe(1);
    }
}
