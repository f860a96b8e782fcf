using System.Globalization;

namespace ControlPlane.Lab;

/// <summary>A private PostgreSQL on a free port, for one test run.</summary>
public sealed class LabPostgres : IAsyncDisposable
{
    private const string User = "ucp";
    private const string Password = "pgpw";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string _directory;
    private readonly string _programs;
    private readonly DetachedProcess _process;
    private int _databases;

    private LabPostgres(string directory, string programs, int port)
    {
        _directory = directory;
        _programs = programs;
        Port = port;
        _process = new DetachedProcess($"{directory}/postgres.pid", $"{directory}/postgres.log", $"-D {directory}/data ");
    }

    public int Port { get; }

    public int? Pid => _process.Pid;

    public string LogFile => _process.LogFile;

    /// <summary>The administrative database; tests make their own by <see cref="CreateDatabaseAsync"/>.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    public static bool IsInstalled => FindPrograms() is not null;

    /// <summary>Starts one in a fresh temporary directory.</summary>
    public static async Task<LabPostgres> StartAsync(CancellationToken cancellationToken)
    {
        var programs = FindPrograms()
            ?? throw new LabException("PostgreSQL is not installed; install the Debian package postgresql.");
        var postgres = new LabPostgres(LabDirectory.CreateTemporary(), programs, FreePort.Pick());
        try
        {
            await postgres.InitializeAsync(cancellationToken);
            await postgres.RestartAsync(cancellationToken);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    public string ConnectionStringOf(string database) => string.Create(
        CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={Port};Username={User};Password={Password};Database={database};Timeout=5;Command Timeout=5;Keepalive=5;Cancellation Timeout=2000;Maximum Pool Size=20");

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"db{Interlocked.Increment(ref _databases)}");
        var result = await Command.RunAsync(
            $"{_programs}/createdb",
            ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", User, "-T", "template0", name],
            StartLimit, new Dictionary<string, string?> { ["PGPASSWORD"] = Password }, cancellationToken);
        _ = result.OutputOrThrow("createdb");
        return ConnectionStringOf(name);
    }

    /// <summary>Starts it again after a stop or a kill.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        // After a crash the first starts fail while old backends are still attached.
        await Deadline.UntilAsync(
            "The start of PostgreSQL", StartLimit,
            async cancellation =>
            {
                if (!_process.IsRunning)
                {
                    await _process.StartAsync(
                        AsNobody(
                            "postgres", "-D", $"{_directory}/data", "-p", Port.ToString(CultureInfo.InvariantCulture),
                            "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_directory}/sock",
                            "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"),
                        environment: null, cancellation);
                }

                var ready = await Command.RunAsync(
                    $"{_programs}/pg_isready",
                    ["-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture)], cancellation);
                return ready.Succeeded;
            },
            cancellationToken);
    }

    /// <summary>A fast shutdown: sessions are ended.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Thaw();
        _process.Signal(ProcessTable.Interrupt);
        await Deadline.HoldsWithinAsync(
            TimeSpan.FromSeconds(10), _ => Task.FromResult(!_process.IsRunning), cancellationToken);
        await KillAsync(cancellationToken);
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        var all = All();
        await _process.KillAsync(cancellationToken);
        foreach (var pid in all)
        {
            ProcessTable.Signal(pid, ProcessTable.Kill);
        }
    }

    public void Freeze() => SignalAll(ProcessTable.Stop);

    public void Thaw() => SignalAll(ProcessTable.Continue);

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory($"{_directory}/sock");
        await File.WriteAllTextAsync($"{_directory}/password", Password, cancellationToken);
        await File.WriteAllTextAsync(LogFile, "", cancellationToken);
        if (Environment.IsPrivilegedProcess)
        {
            await Command.ScriptAsync("Giving the directory to nobody", "chown -R nobody \"$1\"", [_directory], cancellationToken);
        }

        var command = AsNobody(
            "initdb", "-D", $"{_directory}/data", "-U", User, "--auth=scram-sha-256",
            $"--pwfile={_directory}/password", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        _ = (await Command.RunAsync(command[0], command[1..], cancellationToken)).OutputOrThrow("initdb");
    }

    // PostgreSQL refuses to run as root.
    private string[] AsNobody(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? [
            "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", $"HOME={_directory}",
            $"{_programs}/{program}", .. arguments,
        ]
        : [$"{_programs}/{program}", .. arguments];

    private List<int> All() => _process.Pid is { } pid ? [pid, .. ProcessTable.Descendants([pid])] : [];

    private void SignalAll(int signal)
    {
        foreach (var pid in All())
        {
            ProcessTable.Signal(pid, signal);
        }
    }

    private static string? FindPrograms() => !Directory.Exists("/usr/lib/postgresql")
        ? null
        : Directory.EnumerateDirectories("/usr/lib/postgresql")
            .Select(path => path + "/bin")
            .Where(path => File.Exists(path + "/initdb"))
            .MaxBy(path => int.TryParse(
                Path.GetFileName(Path.GetDirectoryName(path)), CultureInfo.InvariantCulture, out var version) ? version : 0);
}
