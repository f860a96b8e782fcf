using ControlPlane.Core.Secrets;

namespace ControlPlane.Api.Hosting;

/// <summary>The directory that is the server's own.</summary>
internal static class DataDirectory
{
    public static void Create(string path)
    {
        try
        {
            // The launcher and the agents' sockets live there, too: others may enter; the secrets have their own modes.
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"Server:DataDirectory cannot be created: {error.Message}", error);
        }
    }

    /// <summary>One server per directory.</summary>
    public static FileStream Lock(string path)
    {
        var file = Path.Combine(path, "server.lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ServerStartException($"Server:DataDirectory is not writable: {path}", error);
        }
        catch (IOException error)
        {
            throw new ServerStartException($"Another server uses {path}: stop it first or choose another Server:DataDirectory.", error);
        }
    }
}
