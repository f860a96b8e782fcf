using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Contracts.Rest.Volumes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using ControlPlane.Core.Volumes;
using ControlPlane.Web.Look;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Objects;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

/// <summary>The volumes of all nodes, and a new one.</summary>
[RequireSignIn("Core decides who may see, make and remove volumes.")]
public sealed class VolumesModel(VolumeQueries queries, VolumeCreation creation, VolumeRemoval removal, ObjectPlaces places, Authorizer authorizer) : ObjectListPage<VolumeView>
{
    public VolumeForm Form { get; private set; } = new();

    /// <summary>The one that is to be confirmed.</summary>
    public VolumeView? Removing { get; private set; }

    public bool MayCreate => authorizer.CheckAnywhere(Caller, Permission.VolumesCreate) is null;

    public IReadOnlyList<string> NodeNames => places.Nodes(Caller);

    public IReadOnlyList<string> CollectionPaths => places.Collections(Caller, Permission.VolumesCreate);

    public bool MayRemove(VolumeView volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return volume.Collections.Any(collection => authorizer.MaySee(Caller, Permission.VolumesRemove, collection));
    }

    public IActionResult OnGet(string? q, string? remove, string? form)
    {
        if (Read(q) is { } error)
        {
            return Missing(error);
        }

        ShowsForm = form == "new" && MayCreate;
        Removing = Listed.Items.FirstOrDefault(volume => volume.Name == remove && MayRemove(volume));
        return Page();
    }

    public async Task<IActionResult> OnPostCreateAsync(VolumeForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        Form = form;
        var (labels, problem) = LabelText.Read(form.Labels);
        if (problem is not null)
        {
            return Refused(new InvalidError([problem]));
        }

        var request = new VolumeCreateRequest
        {
            Name = ObjectPlaces.Full(form.Node, form.Name),
            Driver = ObjectPlaces.OrNull(form.Driver),
            Labels = labels.Count > 0 ? labels : null,
            Collection = ObjectPlaces.OrNull(form.Collection),
        };
        var made = await creation.CreateAsync(Caller, request, HttpContext.RequestAborted);
        if (!made.IsSuccess)
        {
            return Refused(made.Error);
        }

        var failures = made.Value.Failures;
        return Told(
            new Notice($"Volume {made.Value.Name} was made on {string.Join(", ", made.Value.Nodes)}.{string.Concat(failures.Select(failure => " " + failure))}", IsError: failures.Count > 0), "/volumes");
    }

    public async Task<IActionResult> OnPostRemoveAsync(string name, string? node)
    {
        var removed = await removal.RemoveAsync(Caller, ObjectPlaces.Full(node, name) ?? "", force: false, HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The volume was removed."), "/volumes") : Told(removed.Error, "/volumes");
    }

    protected override Result<Page<VolumeView>> Query(ListRequest list) => queries.List(Caller, null, list);
}
