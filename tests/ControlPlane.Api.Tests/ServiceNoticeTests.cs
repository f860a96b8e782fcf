using System.Net.Sockets;
using System.Text;
using ControlPlane.Api.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Api.Tests;

public sealed class ServiceNoticeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Systemd_hears_of_start_and_stop_in_order(bool isAbstract)
    {
        var directory = Directory.CreateTempSubdirectory("cpt-sd");
        var path = isAbstract ? $"@cpt-{Guid.NewGuid():N}" : Path.Combine(directory.FullName, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + path[1..] : path));
        var log = new CapturedLog();
        using var loggers = new LoggerFactory([log]);
        var notice = new ServiceNotice(path, loggers.CreateLogger<ServiceNotice>());

        await notice.StartedAsync(Cancellation);
        await notice.StoppingAsync(Cancellation);

        (await HeardAsync(systemd)).ShouldBe("READY=1");
        (await HeardAsync(systemd)).ShouldBe("STOPPING=1");
        log.Lines.ShouldBeEmpty();
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("/nowhere/notify", 1)]
    public async Task Without_systemd_the_server_starts_all_the_same(string? path, int warnings)
    {
        var log = new CapturedLog();
        using var loggers = new LoggerFactory([log]);

        await new ServiceNotice(path, loggers.CreateLogger<ServiceNotice>()).StartedAsync(Cancellation);

        log.Lines.Count().ShouldBe(warnings);
    }

    private static async Task<string> HeardAsync(Socket systemd)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var buffer = new byte[100];
        return Encoding.ASCII.GetString(buffer, 0, await systemd.ReceiveAsync(buffer, SocketFlags.None, limit.Token));
    }
}
