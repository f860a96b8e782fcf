using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ControlPlane.TestKit.Databases;

/// <summary>One private PostgreSQL per test process, started when first asked for and gone with the process.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Binaries = "/usr/lib/postgresql/15/bin";
    private const string Password = "pgpw";

    private static readonly Lock Sync = new();
    private static Task<PostgresServer>? _shared;

    private readonly string _directory;
    private int _databases;
    private bool _isStopped;

    private PostgresServer(string directory, int port)
    {
        _directory = directory;
        Port = port;
    }

    public static bool IsInstalled => File.Exists(Path.Combine(Binaries, "initdb"));

    public int Port { get; }

    public static Task<PostgresServer> GetAsync()
    {
        lock (Sync)
        {
            return _shared ??= StartAsync();
        }
    }

    /// <summary>One of the test's own, to break; dispose it.</summary>
    public static Task<PostgresServer> StartPrivateAsync() => StartAsync();

    /// <summary>A hot standby that follows this one; dispose it first.</summary>
    public async Task<PostgresServer> StartStandbyAsync()
    {
        var directory = await NewDirectoryAsync();
        await RunAsUserAsync(
            directory, $"{Binaries}/pg_basebackup", "-D", $"{directory}/data", "-X", "stream", "-c", "fast", "--no-sync", "-R",
            "-d", string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={Port} user=ucp password={Password}"));
        return await StartAsync(directory);
    }

    /// <summary>A new empty database.</summary>
    public async Task<string> CreateDatabaseAsync(string settings = "")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await RunSqlAsync($"create database {name} {settings}");
        return ConnectionString(name);
    }

    /// <summary>As the owner of everything, in the database of that connection string or in <c>postgres</c>.</summary>
    public async Task RunSqlAsync(string sql, string? connectionString = null)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString ?? ConnectionString("postgres")) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A fast shutdown, which ends all sessions, and a start.</summary>
    public Task RestartAsync() => RunAsUserAsync(_directory, $"{Binaries}/pg_ctl", "-D", $"{_directory}/data", "-m", "fast", "-w", "-t", "30", "-l", $"{_directory}/pg.log", "restart");

    /// <summary>Stops the clock of every process of it.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP", _ => true);

    /// <summary>Only the sessions of that application: new connections go on.</summary>
    public async Task FreezeSessionsAsync(string application)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select pid from pg_stat_activity where application_name = @application", connection);
        command.Parameters.AddWithValue("application", application);
        var pids = new List<int>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                pids.Add(reader.GetInt32(0));
            }
        }

        await SignalAsync("-STOP", pids.Contains);
    }

    public Task ThawAsync() => SignalAsync("-CONT", _ => true);

    public async ValueTask DisposeAsync()
    {
        await ThawAsync();
        Stop();
        _isStopped = true;
    }

    private Task SignalAsync(string signal, Func<int, bool> which)
    {
        var postmaster = int.Parse(File.ReadLines($"{_directory}/data/postmaster.pid").First(), CultureInfo.InvariantCulture);
        var pids = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && (pid == postmaster || ParentOf(pid) == postmaster) && which(pid))
            .Select(pid => pid.ToString(CultureInfo.InvariantCulture))
            .ToArray();
        return pids.Length == 0 ? Task.CompletedTask : RunAsync(["kill", signal, .. pids]);
    }

    private static int ParentOf(int pid)
    {
        try
        {
            // After the name in brackets, which may hold anything: state, parent.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var directory = await NewDirectoryAsync();
        await RunAsUserAsync(directory, $"{Binaries}/initdb", "-D", $"{directory}/data", "-U", "ucp", "--auth=scram-sha-256", $"--pwfile={directory}/password", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        return await StartAsync(directory);
    }

    private static async Task<string> NewDirectoryAsync()
    {
        var directory = Directory.CreateTempSubdirectory("controlplane-pg-").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "password"), Password);
        Directory.CreateDirectory(Path.Combine(directory, "sock"));
        await GiveToUserAsync(directory);
        return directory;
    }

    private static async Task<PostgresServer> StartAsync(string directory)
    {
        var port = FreePort();
        await RunAsUserAsync(
            directory, $"{Binaries}/pg_ctl", "-D", $"{directory}/data", "-w", "-t", "30", "-l", $"{directory}/pg.log",
            "-o", string.Create(CultureInfo.InvariantCulture, $"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={directory}/sock -c fsync=off -c max_connections=400"), "start");
        var server = new PostgresServer(directory, port);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Stop();
        return server;
    }

    private void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        // The process ends: nothing can be awaited.
        using var stop = Process.Start(AsUser(_directory, $"{Binaries}/pg_ctl", "-D", $"{_directory}/data", "-m", "immediate", "-w", "stop"));
        stop?.WaitForExit(TimeSpan.FromSeconds(5));
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>As the owner of everything.</summary>
    public string ConnectionString(string database) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=ucp;Password={Password};Database={database};Maximum Pool Size=10");

    private static Task RunAsUserAsync(string directory, params string[] command) => WaitAsync(AsUser(directory, command));

    private static Task RunAsync(params string[] command) => WaitAsync(new ProcessStartInfo(command[0], command[1..]));

    internal static Task GiveToUserAsync(string directory) => Environment.UserName == "root" ? RunAsync("chown", "-R", "nobody", directory) : Task.CompletedTask;

    // PostgreSQL refuses to run as root.
    internal static ProcessStartInfo AsUser(string directory, params string[] command)
    {
        var info = Environment.UserName == "root"
            ? new ProcessStartInfo("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", $"HOME={directory}", .. command])
            : new ProcessStartInfo(command[0], command[1..]);
        info.WorkingDirectory = directory;
        return info;
    }

    private static async Task WaitAsync(ProcessStartInfo info)
    {
        // To /dev/null, not a pipe: the server would keep it open.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", info.FileName, .. info.ArgumentList]) { WorkingDirectory = info.WorkingDirectory })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{info.FileName} {string.Join(' ', info.ArgumentList)} ended with {process.ExitCode}.");
        }
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
