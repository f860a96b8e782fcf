namespace ControlPlane.Core.Options;

/// <summary>Where the server listens and keeps its files.</summary>
public sealed class ServerOptions
{
    public const string Section = "Server";
    public const string ChainTrust = "chain";
    public const string PublicTrust = "public";

    /// <summary>Keys, certificates and the embedded database. Required.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>0 takes a free port.</summary>
    public int Port { get; set; } = 8443;

    /// <summary>An IP address; empty listens on all.</summary>
    public string? ListenAddress { get; set; }

    /// <summary>The one address that certificates and join commands name; empty is made of host name and port.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>The port of the Docker endpoint with client certificates, which bundles name. 0 takes a free port.</summary>
    public int DockerPort { get; set; } = 2376;

    /// <summary>PEM chain of a given certificate, leaf first; empty uses the server's own CA.</summary>
    public string? CertificateFile { get; set; }

    public string? CertificateKeyFile { get; set; }

    /// <summary>A file in which the server keeps one valid join token, for agents that can read it; empty keeps none.</summary>
    public string? JoinTokenFile { get; set; }

    /// <summary>Make a token and <c>admin.env</c> for the first administrator? Where commands can be run beside the server, nothing needs them.</summary>
    public bool AdminEnvFile { get; set; } = true;

    /// <summary>PEM chain that will replace the present certificate: agents learn to trust it before it is shown.</summary>
    public string? NextCertificateFile { get; set; }

    /// <summary>How agents know this server: <c>chain</c> (a key in its certificate chain) or <c>public</c> (any chain that their host trusts).</summary>
    public string AgentTrust { get; set; } = ChainTrust;

    /// <summary>The address for agents and docker clients, where a proxy that ends TLS stands before the public one; empty is the public one.</summary>
    public string? DirectUrl { get; set; }

    /// <summary>Addresses and networks (CIDR), separated by commas, that are believed when they say for whom they connect.</summary>
    public string? TrustedProxies { get; set; }
}
