namespace ControlPlane.Lab;

/// <summary>Asks everything of a lab to end: agents before the server, engines last, so that nobody reports what is only a stop.</summary>
internal static class GracefulStop
{
    // dockerd gives its containers ten seconds each, all at once.
    private static readonly TimeSpan EngineLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AgentLimit = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(LabPaths paths, CancellationToken cancellationToken)
    {
        var nodes = Directory.Exists(paths.Nodes) ? Directory.GetDirectories(paths.Nodes) : [];
        await Task.WhenAll(nodes.Select(node => new DetachedProcess(
            $"{node}/agent.pid", $"{node}/agent.log", $"--data {node}/agent ").StopAsync(AgentLimit, cancellationToken)));
        await new DetachedProcess(paths.ServerPid, paths.ServerLog, $"--Server:DataDirectory {paths.Root} ")
            .StopAsync(EngineLimit, cancellationToken);
        await Task.WhenAll(nodes.Select(node => new DetachedProcess(
            $"{node}/dockerd.pid", $"{node}/dockerd.log", $"--data-root {node}/").StopAsync(EngineLimit, cancellationToken)));
    }
}
