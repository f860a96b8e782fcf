using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Parties;

/// <summary>A real server process on SQLite in a directory of its own, gone without a trace when disposed.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly string _directory;

    private BenchServer(string directory, IReadOnlyList<string> settings)
    {
        _directory = directory;
        Process = new LabServer(new LabServerOptions { Directory = directory, Port = PickPort(), Arguments = settings });
    }

    public LabServer Process { get; }

    /// <summary>Of the account that the first start made.</summary>
    public string AdminPassword { get; private set; } = "";

    public RestClient Rest => field ??= new RestClient(Process);

    public int Pid => Process.Pid ?? throw new InvalidOperationException($"The server has ended; see {Process.LogFile}.");

    /// <param name="settings">Settings of the server, as <c>--Section:Key</c>, <c>value</c>, ….</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BenchServer> StartAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var server = new BenchServer(LabDirectory.CreateTemporary(), settings);
        try
        {
            server.AdminPassword = await server.Process.InitializeAsync(cancellationToken) ?? "";
            await server.Process.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task<string> CreateJoinTokenAsync(int uses, CancellationToken cancellationToken)
    {
        using var answer = await Rest.Http.PostAsJsonAsync(
            "/api/v1/join-tokens", new { name = "bench", uses, expiresInSeconds = 3600 }, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(body)!["token"]!.GetValue<string>()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"No join token: {(int)answer.StatusCode} {body}"));
    }

    // Below the range from which the kernel takes the ports of outgoing connections: a thousand agents that dial while the server is
    // away would else sit on its port themselves.
    private static int PickPort()
    {
        int port;
        do
        {
            port = Random.Shared.Next(20_000, 30_000);
        }
        while (!FreePort.IsFree(port));

        return port;
    }

    public async ValueTask DisposeAsync()
    {
        Rest.Dispose();
        await Process.KillAsync(CancellationToken.None);
        Directory.Delete(_directory, recursive: true);
    }
}
