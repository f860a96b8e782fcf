using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ControlPlane.Bench.Simulation;

/// <summary>
/// A fleet in a process of its own, so that its work is not counted as the benchmark's. Commands go in by lines on standard input, a
/// line of JSON comes back for each; the end of the input ends the process, so it never outlives who started it.
/// </summary>
internal sealed class FleetProcess : IAsyncDisposable
{
    /// <summary>The hidden command of this program.</summary>
    public const string Verb = "simulate";

    private const string TokenVariable = "CONTROLPLANE_JOIN_TOKEN";
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly Process _process;

    private FleetProcess(Process process) => _process = process;

    /// <summary>Starts a fleet; it needs a join token for as many uses.</summary>
    public static async Task<FleetProcess> StartAsync(
        string url, string caPath, string joinToken, int agents, int containersEach, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])
            [
                typeof(FleetProcess).Assembly.Location, Verb, url, caPath,
                agents.ToString(CultureInfo.InvariantCulture), containersEach.ToString(CultureInfo.InvariantCulture),
            ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[TokenVariable] = joinToken;
        var process = Process.Start(start) ?? throw new InvalidOperationException("The fleet's process did not start.");
        var fleet = new FleetProcess(process);
        try
        {
            await fleet.AnswerAsync(cancellationToken);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>The status since the last one.</summary>
    public Task<FleetStatus> StatusAsync(CancellationToken cancellationToken) => AskAsync("status", cancellationToken);

    /// <summary>Opens so many idle tunnels for each agent.</summary>
    public Task<FleetStatus> OpenTunnelsAsync(int each, CancellationToken cancellationToken) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"tunnels {each}"), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>The other side: runs the fleet until the input ends.</summary>
    public static async Task<int> ServeAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments is not [var url, var caPath, var agents, var containers])
        {
            return 1;
        }

        using var door = new AgentDoorClient(url, caPath);
        await using var fleet = new Fleet(door);
        var token = Environment.GetEnvironmentVariable(TokenVariable) ?? "";
        try
        {
            await fleet.StartAsync(
                token, int.Parse(agents, CultureInfo.InvariantCulture), int.Parse(containers, CultureInfo.InvariantCulture), cancellationToken);
            Answer(fleet);
            while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Split(' ') is ["tunnels", var each])
                {
                    await fleet.OpenTunnelsAsync(int.Parse(each, CultureInfo.InvariantCulture), cancellationToken);
                }

                Answer(fleet);
            }

            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static void Answer(Fleet fleet) => Console.WriteLine(JsonSerializer.Serialize(fleet.Status(), Json));

    private async Task<FleetStatus> AskAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await AnswerAsync(cancellationToken);
    }

    private async Task<FleetStatus> AnswerAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("The fleet's process has ended.");
        return JsonSerializer.Deserialize<FleetStatus>(line, Json)!;
    }
}
