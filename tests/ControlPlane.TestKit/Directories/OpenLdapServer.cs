using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.TestKit.Directories;

/// <summary>A private OpenLDAP with the people of <see cref="ExamplePeople"/>: own directory, own ports, own authority.</summary>
public sealed class OpenLdapServer : IAsyncDisposable
{
    public const string BaseDn = "dc=example,dc=test";
    public const string PeopleDn = "ou=people," + BaseDn;
    public const string GroupsDn = "ou=groups," + BaseDn;
    public const string AdminDn = "cn=admin," + BaseDn;
    public const string AdminPassword = "adminpw";

    /// <summary>The only account that may read others.</summary>
    public const string ServiceDn = "cn=svc,ou=system," + BaseDn;
    public const string ServicePassword = "svcpw";

    /// <summary>Of every person.</summary>
    public const string UserPassword = "pw-u";

    private const string Program = "/usr/sbin/slapd";

    private readonly string _directory;
    private readonly TestAuthority _authority = new();
    private readonly Socket _referred = Listen();
    private Process? _process;

    private OpenLdapServer()
    {
        _directory = Directory.CreateTempSubdirectory("controlplane-slapd-").FullName;
        (Port, TlsPort) = FreePorts();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public static bool IsInstalled => File.Exists(Program) && File.Exists("/usr/bin/ldapadd");

    /// <summary>Certificates are made out to this address and to <c>localhost</c>.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>Plain and StartTLS.</summary>
    public int Port { get; }

    /// <summary>ldaps.</summary>
    public int TlsPort { get; }

    /// <summary>What a client is to trust.</summary>
    public X509Certificate2Collection Authority => _authority.Trusted;

    /// <summary>Connections somebody made to where the referral points: there must be none.</summary>
    public bool ReferralWasFollowed => _referred.Poll(0, SelectMode.SelectRead);

    /// <summary>Started and loaded.</summary>
    /// <param name="certificateNames">For whom the certificate is; by default for the server's address.</param>
    public static async Task<OpenLdapServer> StartAsync(params IReadOnlyList<string> certificateNames)
    {
        if (!IsInstalled)
        {
            throw new InvalidOperationException("The Debian packages slapd and ldap-utils are missing.");
        }

        var server = new OpenLdapServer();
        try
        {
            await server.PrepareAsync(certificateNames is [] ? ["127.0.0.1", "localhost"] : certificateNames);
            await server.LaunchAsync();
            await server.LoadAsync(ExamplePeople.All(((IPEndPoint)server._referred.LocalEndPoint!).Port));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public static string Person(string dnValue) => ExamplePeople.Person(dnValue);

    public static string Group(string name) => ExamplePeople.GroupDn(name);

    /// <summary>Users <c>user00000</c>… and one group <c>everyone</c> of them all.</summary>
    public async Task LoadUsersAsync(int count, string group = "everyone")
    {
        await LoadAsync(ExamplePeople.Users(0, count));
        var ldif = new Ldif();
        ExamplePeople.Group(ldif, group, [.. Enumerable.Range(0, count).Select(i => Person(string.Create(CultureInfo.InvariantCulture, $"user{i:D5}")))]);
        await LoadAsync(ldif);
    }

    /// <summary>Users <c>user00000</c>… in groups <c>team0000</c>… of <paramref name="groupSize"/>, every tenth holding the nine before it.</summary>
    public async Task LoadOrganisationAsync(int users, int groupSize)
    {
        await LoadAsync(ExamplePeople.Users(0, users));
        await LoadAsync(ExamplePeople.Groups(users, groupSize));
    }

    public Task LoadAsync(Ldif ldif) => ModifyAsync(AdminDn, ldif);

    /// <summary>Changes the server's own settings, e.g. <c>olcAllows</c>.</summary>
    public Task ConfigureAsync(Ldif ldif) => ModifyAsync("cn=config", ldif);

    /// <summary>Stops it in its tracks: connections stay, nothing answers.</summary>
    public void Freeze()
    {
        DirectoryTool.Signal("STOP", Running);

        // The signal is under way until every thread has seen it.
        SpinWait.SpinUntil(() => Directory.EnumerateFiles($"/proc/{Running.Id}/task", "stat", SearchOption.AllDirectories).All(IsStopped), TimeSpan.FromSeconds(5));
    }

    // PID (name) STATE …, see proc(5).
    private static bool IsStopped(string stat) => File.ReadAllText(stat) is var text && text[(text.LastIndexOf(')') + 2)..].StartsWith('T');

    public void Continue() => DirectoryTool.Signal("CONT", Running);

    /// <summary>Dies without a word.</summary>
    public async Task KillAsync()
    {
        DirectoryTool.Signal("KILL", Running);
        await Running.WaitForExitAsync();
    }

    /// <summary>Starts again on the same ports with the same data.</summary>
    public async Task RestartAsync()
    {
        if (!Running.HasExited)
        {
            DirectoryTool.Signal("INT", Running);
            await Running.WaitForExitAsync();
        }

        await LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (_process is { HasExited: false } process)
        {
            DirectoryTool.Signal("KILL", process);
            await process.WaitForExitAsync();
        }

        _process?.Dispose();
        _referred.Dispose();
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Process Running => _process ?? throw new InvalidOperationException("The server was not started.");

    private async Task PrepareAsync(IReadOnlyList<string> names)
    {
        foreach (var folder in (string[])["cfg", "db", "run", "pki"])
        {
            Directory.CreateDirectory(Path.Combine(_directory, folder));
        }

        var (certificate, key) = _authority.Issue(names);
        await File.WriteAllTextAsync($"{_directory}/pki/ca.pem", _authority.Pem);
        await File.WriteAllTextAsync($"{_directory}/pki/srv.pem", certificate);
        await File.WriteAllTextAsync($"{_directory}/pki/srv.key", key);
        File.SetUnixFileMode($"{_directory}/pki/srv.key", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync($"{_directory}/init.ldif", OpenLdapConfiguration.For(_directory));
        if (DirectoryTool.IsRoot)
        {
            await DirectoryTool.RunAsync(["chown", "-R", "nobody", _directory]);
        }

        await DirectoryTool.RunAsync([.. Unprivileged(), "/usr/sbin/slapadd", "-n0", "-F", $"{_directory}/cfg", "-l", $"{_directory}/init.ldif"]);
    }

    private async Task LaunchAsync()
    {
        var addresses = string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{Port}/ ldaps://127.0.0.1:{TlsPort}/");
        var process = DirectoryTool.Start(Path.Combine(_directory, "slapd.log"), [.. Unprivileged(), Program, "-d", "0", "-F", $"{_directory}/cfg", "-h", addresses]);
        _process?.Dispose();
        _process = process;
        await DirectoryTool.UntilAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException($"slapd ended: {await File.ReadAllTextAsync($"{_directory}/slapd.log")}")
                : await AnswersAsync(TlsPort),
            "slapd listens");
    }

    private Task<string> ModifyAsync(string dn, Ldif ldif) => DirectoryTool.RunAsync(
        ["ldapmodify", "-a", "-x", "-H", string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{Port}"), "-D", dn, "-w", AdminPassword], ldif.ToString());

    // The packaged slapd drops root itself only to an account that may not exist.
    private static string[] Unprivileged() => DirectoryTool.IsRoot ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];

    private static async Task<bool> AnswersAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static (int Plain, int Tls) FreePorts()
    {
        using var plain = Listen();
        using var tls = Listen();
        return (((IPEndPoint)plain.LocalEndPoint!).Port, ((IPEndPoint)tls.LocalEndPoint!).Port);
    }

    private void OnExit(object? sender, EventArgs e)
    {
        if (_process is { } process)
        {
            DirectoryTool.KillNow(process);
        }

        Directory.Delete(_directory, recursive: true);
    }
}
