using Microsoft.AspNetCore.Http;

namespace ControlPlane.Web.Shell;

/// <summary>The one address of this server for people and machines: the configured one, else the one the browser used.</summary>
/// <param name="publicUrl">As configured; null when it is not.</param>
public sealed class DashboardAddress(Func<Uri?> publicUrl)
{
    public Uri Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return publicUrl() ?? new Uri($"{request.Scheme}://{request.Host}");
    }
}
