using System.Diagnostics.CodeAnalysis;
using System.Net;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Nodes;

/// <summary>The address of a node whose agent names none: the one that it calls from, when others can reach it there.</summary>
internal static class SeenAddress
{
    [return: NotNullIfNotNull(nameof(description))]
    public static NodeDescription? Complete(NodeDescription? description, string? remoteAddress) =>
        description is { Address.Length: 0 } ? description with { Address = Of(remoteAddress) } : description;

    /// <summary>Empty for what says nothing to others: loopback, and addresses of one link only.</summary>
    internal static string Of(string? remoteAddress)
    {
        if (!IPAddress.TryParse(remoteAddress, out var ip))
        {
            return "";
        }

        var seen = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        var text = seen.ToString();
        return IPAddress.IsLoopback(seen) || seen.IsIPv6LinkLocal || !NodeAddress.IsValid(text) ? "" : text;
    }
}
