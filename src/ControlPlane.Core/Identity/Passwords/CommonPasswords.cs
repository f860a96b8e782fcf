using System.Collections.Frozen;
using System.IO.Compression;

namespace ControlPlane.Core.Identity;

/// <summary>
/// Passwords that everybody who guesses tries first: those of at least eight characters among the 30,000 most frequent ones
/// (the list of zxcvbn, MIT licence, (c) Dan Wheeler and Dropbox, Inc.).
/// </summary>
internal static class CommonPasswords
{
    private const string Resource = "ControlPlane.Core.Identity.Passwords.common-passwords.txt.gz";
    private static readonly Lazy<FrozenSet<string>> Known = new(Read);

    public static int Count => Known.Value.Count;

    /// <summary>Without regard to case.</summary>
    public static bool Contains(string password) => Known.Value.Contains(password.ToLowerInvariant());

    private static FrozenSet<string> Read()
    {
        using var packed = typeof(CommonPasswords).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing from the build.");
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
