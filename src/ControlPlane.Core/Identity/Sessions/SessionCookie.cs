using Microsoft.AspNetCore.Http;

namespace ControlPlane.Core.Identity;

/// <summary>The cookie of a signed-in browser.</summary>
public static class SessionCookie
{
    public const string Name = "__Host-controlplane";

    public static void Append(HttpResponse response, SessionTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(ticket);
        response.Cookies.Append(Name, ticket.CookieValue, Options());
    }

    public static void Delete(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Cookies.Delete(Name, Options());
    }

    // No lifetime: it goes with the browser; the row decides in any case.
    private static CookieOptions Options() => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
