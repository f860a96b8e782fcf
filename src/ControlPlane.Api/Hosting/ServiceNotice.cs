using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Api.Hosting;

/// <summary>Tells systemd (<c>Type=notify</c>) when the server listens, and when it has begun to stop. Without systemd nothing happens.</summary>
internal sealed partial class ServiceNotice(string? socketPath, ILogger<ServiceNotice> logger) : IHostedLifecycleService
{
    public const string Variable = "NOTIFY_SOCKET";

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => SayAsync("READY=1", cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => SayAsync("STOPPING=1", cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SayAsync(string word, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        try
        {
            // A datagram to a socket of this machine: sent at once or refused.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            var address = new UnixDomainSocketEndPoint(socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath);
            await socket.SendToAsync(Encoding.ASCII.GetBytes(word), SocketFlags.None, address, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or ArgumentException or PlatformNotSupportedException)
        {
            LogNotTold(error.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "systemd could not be told: {Problem}")]
    private partial void LogNotTold(string problem);
}
