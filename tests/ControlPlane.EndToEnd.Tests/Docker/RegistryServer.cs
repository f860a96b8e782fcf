using System.Diagnostics;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>A private CNCF Distribution that asks for a password, where the engines of a cluster reach it.</summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    public const string User = "ci";
    public const string Password = "registry-pw-of-the-tests";

    private readonly Process _process;
    private readonly string _directory;

    private RegistryServer(Process process, string directory, string address)
    {
        (_process, _directory, Address) = (process, directory, address);
    }

    /// <summary>Host and port, as in the names of its images.</summary>
    public string Address { get; }

    /// <param name="host">An address of this machine that the engines reach without TLS.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RegistryServer> StartAsync(string host, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("controlplane-registry-").FullName;
        var address = $"{host}:{FreePort.Pick()}";
        var users = Path.Combine(directory, "users");
        var configuration = Path.Combine(directory, "config.yml");
        await Command.ScriptAsync(
            "The password of the registry",
            """/usr/bin/python3 -W ignore -c 'import crypt, sys; print(sys.argv[1] + ":" + crypt.crypt(sys.argv[2], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))' "$1" "$2" > "$3" """,
            [User, Password, users], cancellationToken);
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            version: 0.1
            storage: { filesystem: { rootdirectory: {{directory}}/data }, delete: { enabled: true } }
            http: { addr: "{{address}}" }
            auth: { htpasswd: { realm: tests, path: {{users}} } }
            """,
            cancellationToken);
        var start = new ProcessStartInfo("docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        var process = Process.Start(start) ?? throw new InvalidOperationException("The registry was not started.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var registry = new RegistryServer(process, directory, address);
        using var client = new HttpClient();
        await Wait.UntilAsync("The registry", 20, async () =>
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://{address}/v2/"), cancellationToken);
                return answer.StatusCode == System.Net.HttpStatusCode.Unauthorized;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
