using System.ComponentModel;
using System.Runtime.InteropServices;

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
            return TryName(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // A second name for a whole file: the kernel refuses one that is taken. File.Move looks first and renames then; in between somebody else may come.
    private static bool TryName(string file, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(file, path) == 0)
            {
                return true;
            }

            var cause = Marshal.GetLastPInvokeError();
            return File.Exists(path) ? false : throw new IOException($"{path} cannot be made: {new Win32Exception(cause).Message}");
        }

        File.Move(file, path, overwrite: false);
        return true;
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string added);

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
