using System.Security.Cryptography;
using System.Text;
using ControlPlane.Core.Options;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Secrets;

/// <summary>
/// Wraps what must not be readable in the database (AES-256-GCM) with the key in <c>server.key</c>. The purpose is
/// authenticated, so that one wrapped value cannot stand in for another.
/// </summary>
public sealed class SecretBox(IOptions<ServerOptions> options)
{
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly Lock _sync = new();
    private byte[]? _key;

    public string KeyFile => Path.Combine(options.Value.DataDirectory, "server.key");

    public bool KeyExists => File.Exists(KeyFile);

    public byte[] Wrap(ReadOnlySpan<byte> secret, string purpose)
    {
        var wrapped = new byte[NonceSize + TagSize + secret.Length];
        var nonce = wrapped.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Key(), TagSize);
        aes.Encrypt(nonce, secret, wrapped.AsSpan(NonceSize + TagSize), wrapped.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        return wrapped;
    }

    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string purpose)
    {
        if (wrapped.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("A wrapped secret is too short.");
        }

        var secret = new byte[wrapped.Length - NonceSize - TagSize];
        using var aes = new AesGcm(Key(), TagSize);
        aes.Decrypt(wrapped[..NonceSize], wrapped[(NonceSize + TagSize)..], wrapped.Slice(NonceSize, TagSize), secret, Encoding.UTF8.GetBytes(purpose));
        return secret;
    }

    private byte[] Key()
    {
        lock (_sync)
        {
            return _key ??= KeyExists ? Read() : Create();
        }
    }

    private byte[] Read()
    {
        var key = new byte[KeySize];
        return Convert.TryFromBase64String(File.ReadAllText(KeyFile).Trim(), key, out var length) && length == KeySize
            ? key
            : throw new ServerStartException($"{KeyFile} is damaged: restore it from the backup of the data directory.");
    }

    private byte[] Create()
    {
        var key = RandomNumberGenerator.GetBytes(KeySize);
        PrivateFile.Write(KeyFile, Convert.ToBase64String(key) + "\n");
        return key;
    }
}
