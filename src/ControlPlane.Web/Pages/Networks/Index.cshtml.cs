using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Networks;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Networks;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Objects;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

/// <summary>The networks of all nodes, and a new one.</summary>
[RequireSignIn("Core decides who may see, make and remove networks.")]
public sealed class NetworksModel(NetworkQueries queries, NetworkCreation creation, NetworkRemoval removal, ObjectPlaces places, Authorizer authorizer) : ObjectListPage<NetworkView>
{
    // Every engine has them, and none gives them up.
    private static readonly string[] BuiltIn = ["bridge", "host", "none"];

    public NetworkForm Form { get; private set; } = new();

    /// <summary>The one that is to be confirmed.</summary>
    public NetworkView? Removing { get; private set; }

    public bool MayCreate => authorizer.CheckAnywhere(Caller, Permission.NetworksCreate) is null;

    public IReadOnlyList<string> NodeNames => places.Nodes(Caller);

    public IReadOnlyList<string> CollectionPaths => places.Collections(Caller, Permission.NetworksCreate);

    public bool MayRemove(NetworkView network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return !BuiltIn.Contains(network.Name[(network.Name.LastIndexOf('/') + 1)..]) && authorizer.MaySee(Caller, Permission.NetworksRemove, network.Collection);
    }

    public IActionResult OnGet(string? q, string? remove, string? form)
    {
        if (Read(q) is { } error)
        {
            return Missing(error);
        }

        ShowsForm = form == "new" && MayCreate;
        Removing = Listed.Items.FirstOrDefault(network => network.Id == remove && MayRemove(network));
        return Page();
    }

    public async Task<IActionResult> OnPostCreateAsync(NetworkForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        Form = form;
        var (labels, problem) = LabelText.Read(form.Labels);
        if (problem is not null)
        {
            return Refused(new InvalidError([problem]));
        }

        var (subnet, gateway) = (ObjectPlaces.OrNull(form.Subnet), ObjectPlaces.OrNull(form.Gateway));
        var request = new NetworkCreateRequest
        {
            Name = ObjectPlaces.Full(form.Node, form.Name),
            Driver = ObjectPlaces.OrNull(form.Driver),
            Internal = form.Internal ? true : null,
            Ranges = subnet is null && gateway is null ? null : [new NetworkRangeRequest { Subnet = subnet, Gateway = gateway }],
            Labels = labels.Count > 0 ? labels : null,
            Collection = ObjectPlaces.OrNull(form.Collection),
        };
        var made = await creation.CreateAsync(Caller, request, HttpContext.RequestAborted);
        return made.IsSuccess
            ? Told(new Notice($"Network {made.Value.FullName} was made on {made.Value.Node}.{(made.Value.Warning.Length > 0 ? " " + made.Value.Warning : "")}"), "/networks")
            : Refused(made.Error);
    }

    public async Task<IActionResult> OnPostRemoveAsync(string id)
    {
        var removed = await removal.RemoveAsync(Caller, id ?? "", HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The network was removed."), "/networks") : Told(removed.Error, "/networks");
    }

    protected override Result<Page<NetworkView>> Query(ListRequest list) => queries.List(Caller, null, list);
}
