using System.Net;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Options;

/// <summary>The one address of the server that everything given to others names.</summary>
public sealed class PublicAddress(IOptions<ServerOptions> options)
{
    private int _boundPort;
    private int _boundDockerPort;

    /// <summary>Without a trailing slash.</summary>
    public string Url =>
        string.IsNullOrEmpty(options.Value.PublicUrl)
            ? $"https://{Dns.GetHostName()}:{Port}"
            : options.Value.PublicUrl.TrimEnd('/');

    /// <summary>As a browser names it in <c>Origin</c>: without the scheme's own port.</summary>
    public string Origin => new Uri(Url).GetLeftPart(UriPartial.Authority);

    /// <summary>Where agents and docker clients reach the server itself: they check its own certificate, and take connections over.</summary>
    public string DirectUrl => string.IsNullOrEmpty(options.Value.DirectUrl) ? Url : options.Value.DirectUrl.TrimEnd('/');

    /// <summary>What the server listens on: known after the start when a free port was asked for.</summary>
    public int Port => _boundPort == 0 ? options.Value.Port : _boundPort;

    /// <summary>Where docker clients connect to.</summary>
    public string DockerHost => $"tcp://{new Uri(DirectUrl).Host}:{DockerPort}";

    /// <inheritdoc cref="Port"/>
    public int DockerPort => _boundDockerPort == 0 ? options.Value.DockerPort : _boundDockerPort;

    public void Bound(int port, int dockerPort) => (_boundPort, _boundDockerPort) = (port, dockerPort);
}
