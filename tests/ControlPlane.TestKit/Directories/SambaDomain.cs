using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.TestKit.Directories;

/// <summary>A private Active Directory (Samba) on a loopback address of its own, for its ports are fixed. Needs root.</summary>
public sealed class SambaDomain : IAsyncDisposable
{
    public const string Realm = "AD.TEST.LOCAL";
    public const string Workgroup = "ADTEST";
    public const string BaseDn = "DC=ad,DC=test,DC=local";
    public const string Administrator = "Administrator@ad.test.local";
    public const string AdministratorPassword = "Passw0rd!Admin";
    public const string AlicePassword = "Passw0rd!a1";
    public const string BobPassword = "Passw0rd!b1";
    public const string GonePassword = "Passw0rd!g1";
    public const string LatePassword = "Passw0rd!l1";
    public const string FreshPassword = "Passw0rd!f1";

    /// <summary>Members of the group <c>crowd</c>.</summary>
    public const int CrowdSize = 50;

    private const string Program = "/usr/sbin/samba";

    /// <summary>To be raised when what a domain holds changes.</summary>
    private const string CacheVersion = "1";

    /// <summary>Passwords expire after 42 days.</summary>
    private static readonly TimeSpan CacheLife = TimeSpan.FromDays(7);

    private readonly string _directory;
    private readonly TestAuthority _authority = new();
    private Process? _process;

    private SambaDomain(string directory, string address)
    {
        _directory = directory;
        Host = address;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public static bool IsInstalled => File.Exists(Program) && File.Exists("/usr/bin/samba-tool") && File.Exists("/usr/bin/ldapadd");

    /// <summary>Ports 389 (StartTLS), 636 (ldaps), 3268 and 3269 (global catalog).</summary>
    public string Host { get; }

    /// <summary>What a client is to trust.</summary>
    public X509Certificate2Collection Authority => _authority.Trusted;

    /// <summary>A copy of the one domain that is made the first time.</summary>
    public static async Task<SambaDomain> StartAsync()
    {
        if (!IsInstalled || !DirectoryTool.IsRoot)
        {
            throw new InvalidOperationException("Root and the Debian packages samba-ad-dc, samba-ad-provision, samba-dsdb-modules and ldap-utils are needed.");
        }

        var cache = await SambaDomainCache.GetAsync(CacheVersion, CacheLife, MakeAsync);
        var directory = Directory.CreateTempSubdirectory("controlplane-samba-").FullName;
        await DirectoryTool.RunAsync(["cp", "-a", $"{cache}/.", directory]);
        return await LaunchedAsync(directory);
    }

    public static string Dn(string name) => SambaConfiguration.Dn(name);

    public void Freeze() => DirectoryTool.Signal("STOP", Running);

    public void Continue() => DirectoryTool.Signal("CONT", Running);

    /// <summary>Adds entries as the administrator.</summary>
    public Task LoadAsync(Ldif ldif) => LoadAsync(ldif.ToString());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Process Running => _process ?? throw new InvalidOperationException("The domain was not started.");

    private static async Task MakeAsync(string directory)
    {
        await DirectoryTool.RunAsync(
        [
            "samba-tool", "domain", "provision", $"--realm={Realm}", $"--domain={Workgroup}", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1",
            "--host-ip=127.0.0.1", $"--adminpass={AdministratorPassword}", $"--targetdir={directory}", "--use-rfc2307",
            "--option=interfaces=127.0.0.1", "--option=bind interfaces only=yes",
        ]);
        var domain = await LaunchedAsync(directory);
        try
        {
            await domain.LoadAsync(SambaConfiguration.Content());
        }
        finally
        {
            await domain.StopAsync();
        }
    }

    private static async Task<SambaDomain> LaunchedAsync(string directory)
    {
        var domain = new SambaDomain(directory, FreeAddress());
        try
        {
            await domain.LaunchAsync();
            return domain;
        }
        catch
        {
            await domain.DisposeAsync();
            throw;
        }
    }

    private async Task LaunchAsync()
    {
        foreach (var folder in (string[])["pki", "cache", "run", "run/ncalrpc", "run/winbindd", "run/ntp"])
        {
            Directory.CreateDirectory(Path.Combine(_directory, folder));
        }

        var (certificate, key) = _authority.Issue(Host, "dc1.ad.test.local");
        await File.WriteAllTextAsync($"{_directory}/pki/ca.pem", _authority.Pem);
        await File.WriteAllTextAsync($"{_directory}/pki/srv.pem", certificate);
        await File.WriteAllTextAsync($"{_directory}/pki/srv.key", key);
        File.SetUnixFileMode($"{_directory}/pki/srv.key", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync($"{_directory}/smb.conf", SambaConfiguration.For(_directory, Host));
        var log = $"{_directory}/samba.log";
        var process = DirectoryTool.Start(log, Program, "-F", "--no-process-group", "-s", $"{_directory}/smb.conf", "-M", "single", "--debug-stdout", "-d1");
        _process = process;
        await DirectoryTool.UntilAsync(
            async () => process.HasExited ? throw new InvalidOperationException($"samba ended: {await File.ReadAllTextAsync(log)}") : await AnswersAsync(),
            "the domain controller answers");
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await DirectoryTool.RunAsync(["ldapsearch", "-LLL", "-x", "-H", $"ldaps://{Host}", "-b", "", "-s", "base", "1.1"], null, Trust);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private Task<string> LoadAsync(string ldif) => DirectoryTool.RunAsync(
        ["ldapadd", "-x", "-H", $"ldaps://{Host}", "-D", Administrator, "-w", AdministratorPassword], ldif, Trust);

    private (string Name, string Value) Trust => ("LDAPTLS_CACERT", $"{_directory}/pki/ca.pem");

    private async Task StopAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (_process is { HasExited: false } process)
        {
            // A frozen one takes no other signal. An orderly end leaves the database whole for the copies.
            DirectoryTool.Signal("CONT", process);
            DirectoryTool.Signal("TERM", process);
            await process.WaitForExitAsync();
            DirectoryTool.Signal("KILL", process);
        }

        _process?.Dispose();
        _process = null;
        _authority.Dispose();
    }

    private static string FreeAddress()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var address = new IPAddress([127, (byte)Random.Shared.Next(10, 250), (byte)Random.Shared.Next(0, 255), (byte)Random.Shared.Next(2, 250)]);
            if (((int[])[88, 389, 636, 3268, 3269]).All(port => IsFree(address, port)))
            {
                return address.ToString();
            }
        }

        throw new InvalidOperationException("Found no loopback address with the ports of a domain controller free.");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
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
