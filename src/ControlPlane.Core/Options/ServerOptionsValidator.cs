using System.Net;
using ControlPlane.Core.Data;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Options;

/// <summary>Names every key that is wrong and what it may be.</summary>
public sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            problems.Add("Server:DataDirectory is required: a directory that the server may write to (--data DIR).");
        }
        else if (File.Exists(options.DataDirectory))
        {
            problems.Add($"Server:DataDirectory is a file, not a directory: {options.DataDirectory}");
        }

        if (options.Port is < 0 or > 65535)
        {
            problems.Add("Server:Port must be 0 (any free port) to 65535.");
        }

        if (options.DockerPort is < 0 or > 65535)
        {
            problems.Add("Server:DockerPort must be 0 (any free port) to 65535.");
        }

        if (options.Port != 0 && options.Port == options.DockerPort)
        {
            problems.Add("Server:Port and Server:DockerPort must differ.");
        }

        if (!string.IsNullOrEmpty(options.ListenAddress) && !IPAddress.TryParse(options.ListenAddress, out _))
        {
            problems.Add($"Server:ListenAddress must be an IP address, not '{options.ListenAddress}'.");
        }

        if (!string.IsNullOrEmpty(options.PublicUrl) && !IsPublicUrl(options.PublicUrl))
        {
            problems.Add("Server:PublicUrl must be an https URL without path, query or user, e.g. https://control.example.com:8443.");
        }

        if (!string.IsNullOrEmpty(options.JoinTokenFile) && Path.GetDirectoryName(Path.GetFullPath(options.JoinTokenFile)) is var directory && !Directory.Exists(directory))
        {
            problems.Add($"Server:JoinTokenFile is a file in a directory that must exist; there is no {directory}.");
        }

        if (!string.IsNullOrEmpty(options.DirectUrl) && !IsPublicUrl(options.DirectUrl))
        {
            problems.Add("Server:DirectUrl must be an https URL without path, query or user, e.g. https://agents.example.com:8443.");
        }

        problems.AddRange(AddressRanges.Read(options.TrustedProxies).Problems.Select(problem => $"Server:TrustedProxies {problem}."));
        CheckCertificate(options, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsPublicUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps
        && url.AbsolutePath == "/" && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0;

    private static void CheckCertificate(ServerOptions options, List<string> problems)
    {
        var hasCertificate = !string.IsNullOrEmpty(options.CertificateFile);
        var hasKey = !string.IsNullOrEmpty(options.CertificateKeyFile);
        if (hasCertificate != hasKey)
        {
            problems.Add("Server:CertificateFile and Server:CertificateKeyFile belong together: set both (PEM files) or none.");
        }

        if (hasCertificate && !File.Exists(options.CertificateFile))
        {
            problems.Add($"Server:CertificateFile does not exist: {options.CertificateFile}");
        }

        if (hasKey && !File.Exists(options.CertificateKeyFile))
        {
            problems.Add($"Server:CertificateKeyFile does not exist: {options.CertificateKeyFile}");
        }

        if (!string.IsNullOrEmpty(options.NextCertificateFile) && !File.Exists(options.NextCertificateFile))
        {
            problems.Add($"Server:NextCertificateFile does not exist: {options.NextCertificateFile}");
        }

        if (options.AgentTrust is not (ServerOptions.ChainTrust or ServerOptions.PublicTrust))
        {
            problems.Add($"Server:AgentTrust must be chain (agents look for a key in the certificate chain) or public (any chain that their host trusts), not '{options.AgentTrust}'.");
        }
    }
}

/// <summary>The database setting; its value may hold a password and is never repeated.</summary>
public sealed class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.IsSqlite || options.Connection.Contains("Host=", StringComparison.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Database:Connection must be SQLITE or a PostgreSQL connection string (Host=…;Database=…;Username=…).");
    }
}
