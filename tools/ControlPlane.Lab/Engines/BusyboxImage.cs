using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.Lab;

/// <summary>A small image made of the machine's static busybox, so that there is something to run without a registry.</summary>
public static class BusyboxImage
{
    public const string Name = "busybox:latest";

    private const string Binary = "/bin/busybox";
    private const string Created = "2024-01-01T00:00:00Z";

    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>Writes an archive for <c>docker load</c>, unless it is there.</summary>
    public static async Task EnsureArchiveAsync(string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            return;
        }

        if (!File.Exists(Binary))
        {
            throw new LabException($"{Binary} is missing; install the Debian package busybox-static.");
        }

        var applets = (await Command.RunAsync(Binary, ["--list"], cancellationToken)).OutputOrThrow("busybox --list");
        var layer = Layer(applets.Split('\n'));
        var digest = Convert.ToHexStringLower(SHA256.HashData(layer));
        var config = Encoding.UTF8.GetBytes(Configuration(digest).ToJsonString());
        var configName = Convert.ToHexStringLower(SHA256.HashData(config)) + ".json";
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = configName,
            ["RepoTags"] = new JsonArray(Name),
            ["Layers"] = new JsonArray($"{digest}/layer.tar"),
        });

        // Written aside and renamed: a run that is cut short leaves no half archive.
        var aside = $"{path}.{Path.GetRandomFileName()}";
        await using (var file = File.Create(aside))
        await using (var tar = new TarWriter(file, TarEntryFormat.Ustar))
        {
            Add(tar, configName, config);
            Add(tar, $"{digest}/layer.tar", layer);
            Add(tar, "manifest.json", Encoding.UTF8.GetBytes(manifest.ToJsonString()));
        }

        File.Move(aside, path, overwrite: true);
    }

    private static byte[] Layer(IEnumerable<string> applets)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var directory in (string[])["bin", "etc", "root", "tmp", "var", "www"])
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, directory + "/")
                {
                    Mode = directory == "tmp" ? (UnixFileMode)0b001_111_111_111 : Executable,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                });
            }

            Add(tar, "bin/busybox", File.ReadAllBytes(Binary), Executable);
            foreach (var applet in applets.Where(name => name.Length > 0 && name != "busybox"))
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}")
                {
                    LinkName = "busybox",
                    ModificationTime = DateTimeOffset.UnixEpoch,
                });
            }

            Add(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"u8.ToArray());
            Add(tar, "etc/group", "root:x:0:\nnogroup:x:65534:\n"u8.ToArray());
        }

        return memory.ToArray();
    }

    private static JsonObject Configuration(string digest) => new()
    {
        ["architecture"] = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture
            == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64",
        ["os"] = "linux",
        ["created"] = Created,
        ["config"] = new JsonObject
        {
            ["Cmd"] = new JsonArray("sh"),
            ["Env"] = new JsonArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{digest}") },
        ["history"] = new JsonArray(new JsonObject { ["created"] = Created, ["created_by"] = "busybox-static" }),
    };

    private static void Add(
        TarWriter tar, string name, byte[] content, UnixFileMode mode = (UnixFileMode)0b110_100_100) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(content),
            Mode = mode,
            ModificationTime = DateTimeOffset.UnixEpoch,
        });
}
