using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace ControlPlane.Web.Shell;

/// <summary>A view of its own in place of the page's.</summary>
internal class ViewResultOf : ViewResult
{
    public ViewResultOf(PageModel page, string view, object model)
    {
        ViewName = view;
        ViewData = new ViewDataDictionary<object>(page.MetadataProvider, page.ModelState) { Model = model };
        TempData = page.TempData;
        StatusCode = page.Response.StatusCode;
    }
}
