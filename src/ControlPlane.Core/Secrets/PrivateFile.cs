namespace ControlPlane.Core.Secrets;

/// <summary>Files that only the server's user may read, unless said otherwise; whole or not at all.</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces what is there.</summary>
    public static void Write(string path, string text, UnixFileMode mode = OwnerOnly)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        WriteNew(temporary, text, mode);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Never replaces what is there; false when something is, also when somebody else was faster.</summary>
    public static bool TryCreate(string path, string text, UnixFileMode mode = OwnerOnly)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            WriteNew(temporary, text, mode);
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void WriteNew(string path, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(path, options);
        using var writer = new StreamWriter(stream);
        writer.Write(text);
        writer.Flush();
        stream.Flush(flushToDisk: true);
    }
}
