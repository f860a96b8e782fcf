using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Core.Certificates;

/// <summary>What a client bundle holds: PEM texts and where the Docker endpoint is.</summary>
/// <param name="ContextName">Name of the docker context.</param>
/// <param name="DockerHost"><c>tcp://host:2376</c>.</param>
/// <param name="Authority">The CA that the server's certificate is checked by.</param>
/// <param name="Certificate">The client's.</param>
/// <param name="Key">Its private key: only here.</param>
internal sealed record ClientBundleContent(string ContextName, string DockerHost, string Authority, string Certificate, string Key)
{
    public override string ToString() => $"ClientBundleContent {ContextName}";
}

/// <summary>Packs a bundle: a zip for shells, with an archive in it that <c>docker context import</c> takes.</summary>
internal static class ClientBundleFiles
{
    public static byte[] Zip(ClientBundleContent bundle, DateTimeOffset now)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            Add("ca.pem", bundle.Authority);
            Add("cert.pem", bundle.Certificate);
            Add("key.pem", bundle.Key, isPrivate: true);
            Add("env.sh", Shell(bundle));
            Add("env.ps1", PowerShell(bundle));
            AddBytes("controlplane.dockercontext", DockerContext(bundle, now), isPrivate: true);

            void Add(string name, string text, bool isPrivate = false) => AddBytes(name, Encoding.UTF8.GetBytes(text), isPrivate);

            void AddBytes(string name, byte[] bytes, bool isPrivate)
            {
                var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
                entry.LastWriteTime = now;

                // Unix rights, in the upper half: the key is nobody else's to read.
                entry.ExternalAttributes = (isPrivate ? 0x8180 : 0x81A4) << 16;
                using var stream = entry.Open();
                stream.Write(bytes);
            }
        }

        return packed.ToArray();
    }

    /// <summary>The layout of <c>docker context export</c>.</summary>
    public static byte[] DockerContext(ClientBundleContent bundle, DateTimeOffset now)
    {
        using var packed = new MemoryStream();
        using (var tar = new TarWriter(packed, TarEntryFormat.Ustar))
        {
            Add("meta.json", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
            {
                ["Name"] = bundle.ContextName,
                ["Metadata"] = new Dictionary<string, string> { ["Description"] = "ControlPlane" },
                ["Endpoints"] = new Dictionary<string, object>
                {
                    ["docker"] = new Dictionary<string, object> { ["Host"] = bundle.DockerHost, ["SkipTLSVerify"] = false },
                },
            }));
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "tls") { ModificationTime = now, Mode = (UnixFileMode)0x1C0 });
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "tls/docker") { ModificationTime = now, Mode = (UnixFileMode)0x1C0 });
            Add("tls/docker/ca.pem", Encoding.UTF8.GetBytes(bundle.Authority));
            Add("tls/docker/cert.pem", Encoding.UTF8.GetBytes(bundle.Certificate));
            Add("tls/docker/key.pem", Encoding.UTF8.GetBytes(bundle.Key));

            void Add(string name, byte[] bytes)
            {
                using var content = new MemoryStream(bytes);
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = content, ModificationTime = now, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
        }

        return packed.ToArray();
    }

    private static string Shell(ClientBundleContent bundle) => $$"""
        # Use:  . ./env.sh
        export DOCKER_TLS_VERIFY=1
        export DOCKER_CERT_PATH="$(cd "$(dirname "${BASH_SOURCE:-$0}")" && pwd)"
        export DOCKER_HOST={{bundle.DockerHost}}

        """;

    private static string PowerShell(ClientBundleContent bundle) => $"""
        # Use:  . .\env.ps1
        $Env:DOCKER_TLS_VERIFY = "1"
        $Env:DOCKER_CERT_PATH = $PSScriptRoot
        $Env:DOCKER_HOST = "{bundle.DockerHost}"

        """;
}
