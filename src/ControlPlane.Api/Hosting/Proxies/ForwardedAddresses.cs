using ControlPlane.Api.DockerApi;
using ControlPlane.Core.Options;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting.Proxies;

/// <summary>
/// The caller's address behind proxies that are trusted: the right-most hop of <c>X-Forwarded-For</c> that none of them is. Host and scheme are never
/// taken from a header; the public URL says them.
/// </summary>
internal static class ForwardedAddresses
{
    public static void UseForwardedAddresses(this WebApplication app)
    {
        var trusted = AddressRanges.Read(app.Services.GetRequiredService<IOptions<ServerOptions>>().Value.TrustedProxies);
        if (trusted.IsEmpty)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        // The framework trusts this machine by itself; here only the list counts.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in trusted.Networks)
        {
            options.KnownIPNetworks.Add(network);
        }

        // Nobody ends TLS before the Docker endpoint's own port: such a header comes from the client itself.
        app.UseWhen(context => !DockerListener.Took(context), ours => ours.UseForwardedHeaders(options));
    }
}
