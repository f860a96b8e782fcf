using System.Security.Cryptography;

namespace ControlPlane.Api.Hosting;

/// <summary>
/// <c>secrets --out DIR</c>: makes what the parts of an installation share and nobody has to know, once. Run before the parts start; what is
/// there stays as it is.
/// </summary>
internal static class SecretsCommand
{
    private const string DatabasePassword = "database-password";
    private const int PasswordLength = 40;

    // The database runs as another user, in this group.
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        var directory = ServerConfiguration.Read(args)["out"];
        if (string.IsNullOrWhiteSpace(directory))
        {
            errors.WriteLine("secrets needs the directory to write to: --out DIR.");
            return 2;
        }

        Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, DatabasePassword);
        if (File.Exists(file))
        {
            if (new FileInfo(file).Length == 0)
            {
                errors.WriteLine($"{file} is empty: write the database's password to it, or delete it to have one made.");
                return 1;
            }

            output.WriteLine($"{file} is there already and stays as it is.");
            return 0;
        }

        // The characters mean nothing in connection strings, SQL or shells.
        output.WriteLine(MakeOnce(file, RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", PasswordLength))
            ? $"Made {file}."
            : $"{file} is there already and stays as it is.");
        return 0;
    }

    /// <summary>Whole or not at all, and never over another one; false when somebody else was first.</summary>
    private static bool MakeOnce(string file, string text)
    {
        var aside = $"{file}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new FileStream(aside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerAndGroup }))
            using (var writer = new StreamWriter(stream))
            {
                writer.Write(text);
                writer.Flush();
                stream.Flush(flushToDisk: true);
            }

            File.Move(aside, file, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
