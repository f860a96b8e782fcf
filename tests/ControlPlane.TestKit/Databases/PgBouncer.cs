using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace ControlPlane.TestKit.Databases;

/// <summary>A private PgBouncer before one database.</summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly string _directory;
    private readonly Process _process;

    private PgBouncer(string directory, Process process, string connection)
    {
        _directory = directory;
        _process = process;
        Connection = connection;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
    }

    public static bool IsInstalled => File.Exists(Program);

    /// <summary>The given connection string, through the pooler.</summary>
    public string Connection { get; }

    /// <param name="connection">Of the database itself.</param>
    /// <param name="mode"><c>session</c>, <c>transaction</c> or <c>statement</c>.</param>
    public static async Task<PgBouncer> StartAsync(string connection, string mode)
    {
        var target = new NpgsqlConnectionStringBuilder(connection);
        var directory = Directory.CreateTempSubdirectory("controlplane-pgb-").FullName;
        var port = PostgresServer.FreePort();
        await File.WriteAllTextAsync($"{directory}/users", $"\"{target.Username}\" \"{target.Password}\"\n");
        await File.WriteAllTextAsync(
            $"{directory}/pgbouncer.ini",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [databases]
                {target.Database} = host={target.Host} port={target.Port}
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = {directory}/users
                pool_mode = {mode}
                default_pool_size = 30
                server_login_retry = 1

                """));
        await PostgresServer.GiveToUserAsync(directory);
        var start = PostgresServer.AsUser(directory, Program, "-q", $"{directory}/pgbouncer.ini");
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        target.Port = port;
        var bouncer = new PgBouncer(directory, process, target.ToString());
        await ListensAsync(port);
        return bouncer;
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task ListensAsync(int port)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port, deadline.Token);
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
    }

    private void Stop()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (InvalidOperationException)
        {
            // Gone, or disposed of.
        }
    }
}
