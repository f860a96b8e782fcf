using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using ControlPlane.Web.Objects;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

/// <summary>The images of all nodes.</summary>
[RequireSignIn("Core decides who may see images.")]
public sealed class ImagesModel(NodeQueries queries, ImageChanges changes, Authorizer authorizer) : ObjectListPage<ImageView>
{
    /// <summary>The one that is to be confirmed.</summary>
    public ImageView? Removing { get; private set; }

    public bool MayRemove => authorizer.CheckAnywhere(Caller, Permission.ImagesRemove) is null;

    public static string Title(ImageView image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Tags.Count > 0 ? image.Tags[0] : Quantity.Image(image.Id);
    }

    public IActionResult OnGet(string? q, string? remove)
    {
        if (Read(q) is { } error)
        {
            return Missing(error);
        }

        Removing = MayRemove ? Listed.Items.FirstOrDefault(image => image.Id == remove) : null;
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(string id, bool force)
    {
        var removed = await changes.RemoveAsync(Caller, id ?? "", force, noPrune: false, HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The image was removed."), "/images") : Told(removed.Error, "/images");
    }

    protected override Result<Page<ImageView>> Query(ListRequest list) => queries.Images(Caller, null, list);
}
