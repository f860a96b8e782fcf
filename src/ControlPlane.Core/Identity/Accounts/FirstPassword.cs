using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Identity;

/// <summary>
/// The first administrator's password where nobody watches the start: in a file of the server's own until it is read once, or until the
/// account has another password.
/// </summary>
public sealed class FirstPassword(IOptions<ServerOptions> options)
{
    private const string FileName = "first-admin-password";

    public void Keep(string password) => PrivateFile.Write(PathIn(options.Value.DataDirectory), password);

    /// <summary>The password of an account was changed.</summary>
    public void Forget(string accountName)
    {
        if (string.Equals(accountName, LocalAccounts.AdministratorName, StringComparison.OrdinalIgnoreCase) && options.Value.DataDirectory.Length > 0)
        {
            File.Delete(PathIn(options.Value.DataDirectory));
        }
    }

    /// <summary>Reads it and removes it; null when there is none. Whoever comes second finds nothing.</summary>
    public static string? Take(string dataDirectory)
    {
        var file = PathIn(dataDirectory);
        var taken = $"{file}.{Guid.NewGuid():N}";
        try
        {
            File.Move(file, taken);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(taken);
        }
        finally
        {
            File.Delete(taken);
        }
    }

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, FileName);
}
