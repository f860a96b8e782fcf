using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Ldap.Tests.Fakes;

/// <summary>A server that says what a test tells it to, one script per connection, and keeps all that it was sent.</summary>
internal sealed class FakeDirectory : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<FakeConnection, Task> _script;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private readonly List<FakeConnection> _connections = [];

    public FakeDirectory(Func<FakeConnection, Task> script)
    {
        _script = script;
        _listener.Start();
        _serving = ServeAsync();
    }

    public LdapServer Plain => new()
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        Security = LdapSecurity.None,
        AllowPlainPasswords = true,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        OperationTimeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>All bytes of all connections so far.</summary>
    public byte[] Received
    {
        get
        {
            lock (_connections)
            {
                return [.. _connections.SelectMany(connection => connection.Received)];
            }
        }
    }

    public int Connections
    {
        get
        {
            lock (_connections)
            {
                return _connections.Count;
            }
        }
    }

    public static X509Certificate2 ServerCertificate(TestKit.Directories.TestAuthority authority, params string[] names)
    {
        var (certificate, key) = authority.Issue(names);
        using var pem = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.Add(RunAsync(new FakeConnection(await _listener.AcceptSocketAsync(_end.Token), _end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Over: a listener that was stopped between two connections says that it is not listening.
            await Task.WhenAll(running);
        }
    }

    private async Task RunAsync(FakeConnection connection)
    {
        lock (_connections)
        {
            _connections.Add(connection);
        }

        try
        {
            await _script(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client is gone, or the test is over.
        }
        finally
        {
            connection.Close();
        }
    }
}
