using System.Net;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Options;

/// <summary>The one address of the server that everything given to others names.</summary>
public sealed class PublicAddress(IOptions<ServerOptions> options)
{
    private int _boundPort;

    /// <summary>Without a trailing slash.</summary>
    public string Url =>
        string.IsNullOrEmpty(options.Value.PublicUrl)
            ? $"https://{Dns.GetHostName()}:{Port}"
            : options.Value.PublicUrl.TrimEnd('/');

    /// <summary>What the server listens on: known after the start when a free port was asked for.</summary>
    public int Port => _boundPort == 0 ? options.Value.Port : _boundPort;

    /// <summary>Where docker clients connect to.</summary>
    public string DockerHost => $"tcp://{new Uri(Url).Host}:{options.Value.DockerPort}";

    public void Bound(int port) => _boundPort = port;
}
