namespace ControlPlane.TestKit.Directories;

/// <summary>The domain that others are copies of: making one takes ten seconds. One for all test processes, in the temporary folder.</summary>
internal static class SambaDomainCache
{
    public static async Task<string> GetAsync(string version, TimeSpan life, Func<string, Task> makeAsync)
    {
        var root = Path.Combine(Path.GetTempPath(), "controlplane-samba-cache");
        Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var _ = await LockAsync(Path.Combine(root, "lock"));
        var ready = Path.Combine(root, $"domain-{version}");
        if (Directory.Exists(ready) && TimeProvider.System.GetUtcNow() - Directory.GetCreationTimeUtc(ready) < life)
        {
            return ready;
        }

        var making = Path.Combine(root, "making");
        foreach (var folder in (string[])[ready, making])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Directory.CreateDirectory(making);
        await makeAsync(making);
        Directory.Move(making, ready);
        return ready;
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        FileStream? held = null;
        await DirectoryTool.UntilAsync(
            () =>
            {
                try
                {
                    held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException)
                {
                    // Another test process makes it.
                }

                return Task.FromResult(held is not null);
            },
            "another test process has made its domain");
        return held!;
    }
}
