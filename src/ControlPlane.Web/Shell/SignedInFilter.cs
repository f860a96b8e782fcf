using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace ControlPlane.Web.Shell;

/// <summary>Every page but sign-in needs a signed-in browser. What the caller may do is decided in Core, not here.</summary>
internal sealed class SignedInFilter : IAuthorizationFilter
{
    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        if (context.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any() || http.GetCaller().Kind != CallerKind.Anonymous)
        {
            return;
        }

        context.Result = PageRequest.IsPartial(http.Request) || !HttpMethods.IsGet(http.Request.Method)
            ? new StatusCodeResult(StatusCodes.Status401Unauthorized)
            : new LocalRedirectResult("/signin?returnUrl=" + Uri.EscapeDataString(http.Request.GetEncodedPathAndQuery()));
    }
}
