using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;

namespace ControlPlane.Core.Identity;

/// <summary>Refuses tokens that are shown from outside of their networks, and says so in the audit trail: at most once a minute each.</summary>
public sealed class TokenNetworks(AuditTrail audit, TimeProvider clock)
{
    public const int Maximum = 32;
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _told = new(StringComparer.Ordinal);

    /// <summary>An address is a network of one. Null when the text is neither.</summary>
    public static IPNetwork? Read(string? text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) && text!.Contains(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? '.' : ':', StringComparison.Ordinal)
            ? new IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
        : null;

    internal static IReadOnlyList<IPNetwork>? ReadJson(string? json) =>
        json is null ? null : [.. JsonSerializer.Deserialize<string[]>(json)!.Select(text => IPNetwork.Parse(text))];

    public async ValueTask<bool> AllowsAsync(Caller caller, string? remoteAddress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Networks is not { } networks)
        {
            return true;
        }

        if (IPAddress.TryParse(remoteAddress, out var address) && networks.Any(network => network.Contains(address)))
        {
            return true;
        }

        var now = clock.GetUtcNow();
        var id = caller.CredentialId ?? "";
        if (!_told.TryGetValue(id, out var last) || now - last >= Quiet)
        {
            if (_told.Count >= MaxEntries)
            {
                _told.Clear();
            }

            _told[id] = now;
            await audit.RecordAsync(
                caller with { RemoteAddress = remoteAddress }, "tokens.use", new AuditObject("api_token", id), AuditTrail.Refused,
                "shown from outside of its networks", cancellationToken);
        }

        return false;
    }
}
