using Microsoft.AspNetCore.Mvc.Filters;

namespace ControlPlane.Web.Shell;

/// <summary>Pages show the cluster as of now to one person: nobody keeps a copy.</summary>
internal sealed class FreshPageFilter : IResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context) => context.HttpContext.Response.Headers.CacheControl = "no-store";

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}
