namespace ControlPlane.Lab;

/// <summary>One node agent; in its node's namespace when the node has one.</summary>
internal sealed class AgentProcess(string name, string directory, string binary, IReadOnlyList<string> extraArguments)
{
    private const string TokenVariable = "CONTROLPLANE_JOIN_TOKEN";

    public DetachedProcess Process { get; } = new(
        Path.Combine(directory, "agent.pid"), Path.Combine(directory, "agent.log"), $"--data {directory}/agent ");

    /// <summary>True when the agent has kept something from an earlier join.</summary>
    public bool HasIdentity => Directory.Exists($"{directory}/agent")
        && Directory.EnumerateFileSystemEntries($"{directory}/agent").Any();

    public async Task StartAsync(
        string? namespacePath, string engineSocket, string serverUrl, string? joinToken, CancellationToken cancellationToken)
    {
        Process.Thaw();
        if (Process.IsRunning)
        {
            return;
        }

        Directory.CreateDirectory($"{directory}/agent");
        string[] command =
        [
            binary, "--data", $"{directory}/agent", "--engine", $"unix://{engineSocket}",
            "--server", serverUrl, "--name", name, .. extraArguments,
        ];
        if (namespacePath is not null)
        {
            command =
            [
                "nsenter", $"--net={namespacePath}", "unshare", "-u",
                "/bin/sh", "-ec", "hostname \"$1\"; shift; exec \"$@\"", "sh", name, .. command,
            ];
        }

        await Process.StartAsync(
            command, new Dictionary<string, string?> { [TokenVariable] = joinToken }, cancellationToken);
    }
}
