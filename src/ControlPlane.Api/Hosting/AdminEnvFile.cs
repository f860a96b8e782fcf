using ControlPlane.Core.Certificates;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary><c>admin.env</c> in the data directory, to <c>source</c>. Lines of others are kept.</summary>
internal sealed class AdminEnvFile(IOptions<ServerOptions> options, CertificateAuthority authority)
{
    private const string UrlKey = "export CONTROLPLANE_URL=";

    private string FilePath => Path.Combine(options.Value.DataDirectory, "admin.env");

    public void Write(string url, string token) => PrivateFile.Write(
        FilePath,
        $"{UrlKey}{Quote(url)}\nexport CONTROLPLANE_CA={Quote(authority.File)}\nexport CONTROLPLANE_TOKEN={Quote(token)}\n");

    /// <summary>The port may be known only once the server listens.</summary>
    public void UpdateUrl(string url)
    {
        if (!File.Exists(FilePath))
        {
            return;
        }

        var line = UrlKey + Quote(url);
        var before = File.ReadAllLines(FilePath);
        var after = before.Select(text => text.StartsWith(UrlKey, StringComparison.Ordinal) ? line : text).ToArray();
        if (!before.SequenceEqual(after))
        {
            PrivateFile.Write(FilePath, string.Join('\n', after) + "\n");
        }
    }

    private static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or ':' or '.' or '_' or '-') ? text : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
