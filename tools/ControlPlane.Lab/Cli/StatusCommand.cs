using System.Globalization;

namespace ControlPlane.Lab;

/// <summary><c>status</c>: what of a data directory's cluster runs. Exit code 0 when the server does, else 3.</summary>
internal static class StatusCommand
{
    private const int NotRunning = 3;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string data)
    {
        var paths = new LabPaths(data);
        if (LabState.Read(paths) is not { } state)
        {
            Console.WriteLine($"There is no cluster in {paths.Root}.");
            return NotRunning;
        }

        var server = new LabServer(new LabServerOptions { Directory = paths.Root, Port = state.Port, PublicUrl = state.PublicUrl });
        var states = server.Pid is null ? null : await StatesAsync(server);
        Console.WriteLine(server.Pid is { } pid
            ? string.Create(CultureInfo.InvariantCulture, $"Server   running, pid {pid}, {server.Url}")
            : "Server   not running");
        Console.WriteLine($"{"NODE",-16} {"STATE",-12} {"AVAILABILITY",-14} {"ENGINE",-14} AGENT");
        string[] directories = Directory.Exists(paths.Nodes) ? Directory.GetDirectories(paths.Nodes) : [];
        foreach (var directory in directories.Order())
        {
            var name = Path.GetFileName(directory);
            var node = states?.FirstOrDefault(item => item.Name == name);
            var engine = new FileInfo($"{directory}/docker.sock").LinkTarget is not null
                ? "the machine's" : Describe(new DetachedProcess($"{directory}/dockerd.pid", "", $"--data-root {directory}/"));
            var agent = Describe(new DetachedProcess($"{directory}/agent.pid", "", $"--data {directory}/agent "));
            Console.WriteLine($"{name,-16} {node?.State ?? "-",-12} {node?.Availability ?? "-",-14} {engine,-14} {agent}");
        }

        return server.Pid is null ? NotRunning : 0;
    }

    private static string Describe(DetachedProcess process) => process.Pid is { } pid
        ? string.Create(CultureInfo.InvariantCulture, $"pid {pid}") : "not running";

    private static async Task<IReadOnlyList<LabNodeStatus>?> StatesAsync(LabServer server)
    {
        using var limit = new CancellationTokenSource(AnswerLimit);
        try
        {
            using var api = server.OpenApi();
            return await api.NodesAsync(limit.Token);
        }
        catch (Exception failure) when (failure is LabException or HttpRequestException or OperationCanceledException or IOException)
        {
            await Console.Error.WriteLineAsync($"The server does not answer: {failure.Message}");
            return null;
        }
    }
}
