namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Images from container to archive and back, without a container that somebody is attached to.</summary>
public sealed class ImageRoundTripTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task A_committed_image_is_saved_removed_loaded_everywhere_and_pruned()
    {
        var result = await Admin.ShellAsync("""
            set -e
            docker create --name round busybox sh -c 'echo x' >/dev/null
            docker commit -c 'LABEL test=1' -c 'CMD ["true"]' round round:v1
            docker export round | docker import -c 'LABEL test=1' - round-import:v1
            docker save -o "$HOME/round.tar" round:v1
            docker rmi round:v1
            docker load -i "$HOME/round.tar"
            docker load -q -i "$HOME/round.tar"
            docker images --format '{{.Repository}}:{{.Tag}}' round
            docker system df
            docker rm round >/dev/null
            docker rmi round:v1 round-import:v1
            docker image prune -f
            docker builder prune -f || true
            """);

        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        result.Output.ShouldContain("Loaded image: round:v1");
        result.Output.ShouldContain("Untagged: round:v1");
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await OnEngineAsync(node.Name, "images", "-q", "round:v1")).ShouldBeEmpty(node.Name);
        }
    }
}
