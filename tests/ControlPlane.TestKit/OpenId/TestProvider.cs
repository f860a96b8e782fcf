using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ControlPlane.TestKit.OpenId;

/// <summary>A real OpenID provider (oidc-provider on Node.js) in a process of its own.</summary>
public sealed class TestProvider : IAsyncDisposable
{
    public const string ClientId = "controlplane";
    public const string ClientSecret = "a-client-secret-that-must-never-be-seen";
    public const string BuildSecret = "a-build-secret-0123456789-0123456789";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly ProcessStartInfo _info;
    private Process? _process;

    private TestProvider(ProcessStartInfo info, int port)
    {
        _info = info;
        Issuer = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    public string Issuer { get; }

    /// <summary>What it wrote, for failures of tests.</summary>
    public string Output => string.Join('\n', _output);

    /// <param name="server">Public address of the server under test.</param>
    /// <param name="providerId">The id that it is configured by there.</param>
    /// <param name="caFile">Of the authority that the server's certificate comes from.</param>
    /// <param name="idTokenClaims">Groups are in the ID token; otherwise at userinfo only.</param>
    public static async Task<TestProvider> StartAsync(string server, string providerId, string caFile, bool idTokenClaims = true)
    {
        var port = FreePort();
        var folder = Folder();
        var path = $"{server.TrimEnd('/')}/sign-in/openid/{providerId}";
        var config = new
        {
            port,
            client = ClientId,
            secret = ClientSecret,
            redirect = path + "/callback",
            backChannel = path + "/back-channel-logout",
            signedOut = path + "/signed-out",
            idTokenClaims,
            ciSecret = BuildSecret,
            users = new Dictionary<string, object>
            {
                ["alice"] = new { name = "Alice Archer", email = "alice@example.test", groups = new[] { "admins", "devs" }, realm_access = new { roles = new[] { "operator" } } },
                ["bob"] = new { name = "Bob <b>Builder</b>", email = "alice@example.test", groups = "devs" },
                ["mallory"] = new { name = "Mallory", email = "mallory@example.test", groups = new[] { "guests" } },
                ["admin"] = new { name = "Not our admin", groups = new[] { "devs" } },
            },
        };
        var info = new ProcessStartInfo("node", ["provider.mjs"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        info.Environment["PROVIDER_CONFIG"] = JsonSerializer.Serialize(config);
        info.Environment["NODE_EXTRA_CA_CERTS"] = caFile;
        info.Environment["NODE_NO_WARNINGS"] = "1";
        var provider = new TestProvider(info, port);
        await provider.StartAgainAsync();
        return provider;
    }

    /// <summary>On the same port; it has forgotten everything.</summary>
    public async Task StartAgainAsync()
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = _info, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Take(line.Data, listening);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"The provider ended:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await listening.Task.WaitAsync(StartLimit);
    }

    /// <summary>Accepts connections and answers nothing, until <see cref="ThawAsync"/>.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task ThawAsync() => SignalAsync("-CONT");

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private void Take(string? line, TaskCompletionSource listening)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.StartsWith("listening ", StringComparison.Ordinal))
        {
            listening.TrySetResult();
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var provider = Path.Combine(folder.FullName, "tests", "ControlPlane.TestKit", "OpenId", "provider");
            if (Directory.Exists(provider))
            {
                return Directory.Exists(Path.Combine(provider, "node_modules"))
                    ? provider
                    : throw new InvalidOperationException($"Run npm ci in {provider} (./controlplane test does).");
            }
        }

        throw new InvalidOperationException("The tests do not run in the repository.");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
