using System.Security.Cryptography;
using ControlPlane.Core.Secrets;

namespace ControlPlane.Api.Hosting;

/// <summary>
/// <c>secrets --out DIR</c>: makes what the parts of an installation share and nobody has to know, once. Run before the parts start; what is
/// there stays as it is.
/// </summary>
internal static class SecretsCommand
{
    private const string DatabasePassword = "database-password";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
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
        var password = RandomNumberGenerator.GetString(Alphabet, PasswordLength);
        output.WriteLine(PrivateFile.TryCreate(file, password, OwnerAndGroup) ? $"Made {file}." : $"{file} is there already and stays as it is.");
        return 0;
    }
}
