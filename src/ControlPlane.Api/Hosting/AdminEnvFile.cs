using System.IO.Compression;
using System.Text;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary><c>admin.env</c> in the data directory, to <c>source</c>: for curl, and for docker. Lines of others are kept.</summary>
internal sealed class AdminEnvFile(IOptions<ServerOptions> options, CertificateAuthority authority, ApiTokens tokens, ClientBundles bundles)
{
    private const string UrlKey = "export CONTROLPLANE_URL=";
    private const string TokenKey = "export CONTROLPLANE_TOKEN=";
    private const string HostKey = "export DOCKER_HOST=";
    private const string CertificatesKey = "export DOCKER_CERT_PATH=";

    private string FilePath => Path.Combine(options.Value.DataDirectory, "admin.env");

    private string DockerPath => Path.Combine(options.Value.DataDirectory, "docker");

    public void Write(string url, string token) => PrivateFile.Write(
        FilePath,
        $"{UrlKey}{Quote(url)}\nexport CONTROLPLANE_CA={Quote(authority.File)}\n{TokenKey}{Quote(token)}\n");

    /// <summary>Makes the client certificate beside it, once, for the owner of its token.</summary>
    public async Task AddDockerAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath) || Value(TokenKey) is not { } token || Value(CertificatesKey) is not null
            || await tokens.FindAsync(token, remoteAddress: null, cancellationToken) is not { } owner)
        {
            return;
        }

        var bundle = await bundles.CreateForFilesAsync(owner with { RequestId = "admin.env" }, "admin.env", cancellationToken);
        if (!bundle.IsSuccess)
        {
            return;
        }

        DataDirectory.Create(DockerPath);
        await using var zip = new ZipArchive(new MemoryStream(bundle.Value.Zip), ZipArchiveMode.Read);
        foreach (var entry in zip.Entries.Where(entry => entry.FullName is "ca.pem" or "cert.pem" or "key.pem"))
        {
            using var text = new StreamReader(await entry.OpenAsync(cancellationToken), Encoding.UTF8);
            PrivateFile.Write(Path.Combine(DockerPath, entry.FullName), await text.ReadToEndAsync(cancellationToken));
        }

        PrivateFile.Write(FilePath, await File.ReadAllTextAsync(FilePath, cancellationToken) + $"{HostKey}\nexport DOCKER_TLS_VERIFY=1\n{CertificatesKey}{Quote(DockerPath)}\n");
    }

    /// <summary>The ports may be known only once the server listens.</summary>
    public void Update(string url, string dockerHost)
    {
        if (!File.Exists(FilePath))
        {
            return;
        }

        // Another certificate may be shown than at the first start.
        if (Directory.Exists(DockerPath))
        {
            PrivateFile.Write(Path.Combine(DockerPath, "ca.pem"), File.ReadAllText(authority.File));
        }

        var before = File.ReadAllLines(FilePath);
        var after = before.Select(line =>
            line.StartsWith(UrlKey, StringComparison.Ordinal) ? UrlKey + Quote(url)
            : line.StartsWith(HostKey, StringComparison.Ordinal) ? HostKey + Quote(dockerHost)
            : line).ToArray();
        if (!before.SequenceEqual(after))
        {
            PrivateFile.Write(FilePath, string.Join('\n', after) + "\n");
        }
    }

    private string? Value(string key) =>
        File.ReadLines(FilePath).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } found ? found[key.Length..].Trim('\'') : null;

    private static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or ':' or '.' or '_' or '-') ? text : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
