using ControlPlane.Agent.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Joining;

/// <summary>
/// Takes over the keys that the server names in a session, so that it can change its certificate. The one that this connection was accepted by always
/// stays: a server cannot lock its agents out by naming others only.
/// </summary>
internal sealed partial class KnownKeys(IdentityFile file, NodeIdentity identity, ServerTrust trust, ILogger<KnownKeys> logger)
{
    private const int Most = 16;

    private NodeIdentity _identity = identity;

    public void Learn(IReadOnlyList<string>? named)
    {
        if (named is null || named.Count is 0 or > Most || !named.All(IsDigest))
        {
            return;
        }

        string?[] all = [trust.LastKey, .. named];
        var keys = all.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (keys.SequenceEqual(_identity.Keys.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            return;
        }

        trust.Replace(keys);
        _identity = _identity with { TrustedKeys = keys };
        try
        {
            file.Write(_identity);
            LogLearned(keys.Length);
        }
        catch (AgentRefusedException unwritable)
        {
            // They count until this process ends, and are learned anew afterwards.
            LogNotKept(unwritable.Message);
        }
    }

    private static bool IsDigest(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);

    [LoggerMessage(LogLevel.Information, "The server is known by {Count} keys from now on.")]
    private partial void LogLearned(int count);

    [LoggerMessage(LogLevel.Warning, "The server's keys could not be kept: {Problem}")]
    private partial void LogNotKept(string problem);
}
