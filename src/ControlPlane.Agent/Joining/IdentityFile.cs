using System.Text.Json;
using ControlPlane.Agent.Hosting;

namespace ControlPlane.Agent.Joining;

/// <summary>The identity on disk: one file, readable by its owner only, replaced as a whole.</summary>
internal sealed class IdentityFile(string dataDirectory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path = Path.Combine(dataDirectory, "identity.json");

    public NodeIdentity? Read()
    {
        try
        {
            var identity = File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), IdentityJson.Default.NodeIdentity) : null;
            return identity is { Server: null } or { KeyDigest: null } or { PrivateKey: null } ? throw new JsonException("a field is missing") : identity;
        }
        catch (JsonException e)
        {
            throw new AgentRefusedException($"The identity file '{_path}' is damaged ({e.Message}); restore it, or delete it and join again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentRefusedException($"The identity file '{_path}' cannot be read: {e.Message}");
        }
    }

    public void Write(NodeIdentity identity)
    {
        try
        {
            Directory.CreateDirectory(dataDirectory);
            var next = _path + ".new";
            File.Delete(next);
            using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                JsonSerializer.Serialize(stream, identity, IdentityJson.Default.NodeIdentity);
                stream.Flush(flushToDisk: true);
            }

            File.Move(next, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentRefusedException($"The data directory '{dataDirectory}' cannot be written: {e.Message}");
        }
    }

    /// <summary>Fails early, before a join token is used up.</summary>
    public void RequireWritable()
    {
        try
        {
            Directory.CreateDirectory(dataDirectory);
            var probe = Path.Combine(dataDirectory, ".probe");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentRefusedException($"The data directory '{dataDirectory}' cannot be written: {e.Message}");
        }
    }
}
