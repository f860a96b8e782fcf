using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Shell;

/// <summary>What every page has: who asks, and one way to answer an action, with or without scripts.</summary>
public abstract class DashboardPage : PageModel
{
    public Caller Caller => HttpContext.GetCaller();

    /// <summary>Set when the page could not do what it was asked for.</summary>
    public Problem? Problem { get; protected set; }

    protected bool IsPartial => PageRequest.IsPartial(Request);

    protected Problem ProblemOf(Error error) => Problem.From(error, HttpContext.GetRequestId());

    /// <summary>The page of an object that is not there, or may not be seen.</summary>
    protected IActionResult Missing(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return IsPartial ? Partial("_Problem", Problem) : new PageWithProblem(this, Problem);
    }

    /// <summary>The answer of an action: a toast for scripts, a redirect with a note for everybody else.</summary>
    protected IActionResult Told(Notice notice, string back)
    {
        ArgumentNullException.ThrowIfNull(notice);
        if (IsPartial)
        {
            // Always 200: the toast is the content, and its own text says whether it failed.
            return Partial("_Toast", notice);
        }

        TempData["notice"] = notice.Text;
        TempData["notice-error"] = notice.IsError;
        TempData["notice-link"] = notice.Link;
        return LocalRedirect(back);
    }

    protected IActionResult Told(Error error, string back) => Told(Notice.Of(ProblemOf(error)), back);

    private sealed class PageWithProblem(DashboardPage page, Problem problem) : ViewResultOf(page, "_ProblemPage", problem);
}
