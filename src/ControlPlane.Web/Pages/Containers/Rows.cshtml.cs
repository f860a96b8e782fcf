using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Containers;
using ControlPlane.Web.Shell;

namespace ControlPlane.Web.Pages;

/// <summary>Single rows of the table, asked for again when the hub says that they changed. What may not be seen is left out.</summary>
[RequireSignIn("What is shown is decided in Core, per container.")]
public sealed class ContainerRowsModel(ContainerCounts counts) : DashboardPage
{
    public const int Max = 200;

    public IReadOnlyList<ContainerView> Items { get; private set; } = [];

    public void OnGet(string[] ids) =>
        Items = counts.Some(Caller, ContainerListQuery.From(Request.Query).ToFilter(), ids.Take(Max));
}
