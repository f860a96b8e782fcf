using Microsoft.AspNetCore.Http;

namespace ControlPlane.Web.Shell;

/// <summary>How a page is asked for.</summary>
internal static class PageRequest
{
    /// <summary>By a script that wants a fragment, not a whole page.</summary>
    public static bool IsPartial(HttpRequest request) => request.Headers.ContainsKey("HX-Request");
}
