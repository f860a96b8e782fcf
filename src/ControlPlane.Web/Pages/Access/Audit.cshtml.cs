using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Options;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Web.Pages.Access;

/// <summary>Who did what: searched by the address, so that a view can be passed on.</summary>
[RequireSignIn("Core asks for the right to read the trail")]
public sealed class AuditModel(AuditLog log, PublicAddress address) : DashboardPage
{
    private const int PageSize = 100;

    public Page<AuditView> Found { get; private set; } = new([], null, 0);

    public AuditVerification? Verification { get; private set; }

    /// <summary>The filters that are set.</summary>
    public IReadOnlyDictionary<string, string> Filters { get; private set; } = new Dictionary<string, string>();

    public string Filter(string name) => Filters.GetValueOrDefault(name, "");

    /// <summary>With the filters of this view.</summary>
    public string Address(string path, string? name = null, string? value = null)
    {
        var query = Filters.ToDictionary(pair => pair.Key, string? (pair) => pair.Value, StringComparer.Ordinal);
        if (name is not null)
        {
            query[name] = value;
        }

        return QueryHelpers.AddQueryString(path, query);
    }

    public string Link => address.Url + Address("/access/audit");

    public async Task OnGetAsync(string? cursor) => await LoadAsync(cursor);

    public async Task<IActionResult> OnGetVerifyAsync()
    {
        var verified = await log.VerifyAsync(Caller, null, HttpContext.RequestAborted);
        if (!verified.IsSuccess)
        {
            Problem = ProblemOf(verified.Error);
            return IsPartial ? Partial("_Problem", Problem) : Page();
        }

        Verification = verified.Value;
        if (IsPartial)
        {
            return Partial("_AuditVerification", Verification);
        }

        await LoadAsync(null);
        return Page();
    }

    public static StateLook Look(AuditView entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Result switch
        {
            AuditTrail.Ok => new StateLook("ti-circle-check", "Ok", "good"),
            AuditTrail.Refused => new StateLook("ti-ban", "Refused", "warn"),
            _ => new StateLook("ti-circle-x", "Failed", "bad"),
        };
    }

    /// <summary>Where the object is, if it has a page.</summary>
    public static string? ObjectLink(AuditView entry) => entry switch
    {
        { ObjectId.Length: 0 } or null => null,
        { ObjectKind: "container" } => $"/containers/{Uri.EscapeDataString(entry.ObjectId)}",
        { ObjectKind: "node" } => $"/nodes/{Uri.EscapeDataString(entry.ObjectId)}",
        { ObjectKind: "operation" } => $"/activity/{Uri.EscapeDataString(entry.ObjectId)}",
        _ => null,
    };

    private async Task LoadAsync(string? cursor)
    {
        Filters = AuditQueries.Filters.Append("q").Where(name => Request.Query[name].ToString() is { Length: > 0 and <= 1000 })
            .ToDictionary(name => name, name => Request.Query[name][0]!.Replace("\0", "", StringComparison.Ordinal), StringComparer.Ordinal);
        var query = new ListQuery(
            PageSize, null, [], Filters.GetValueOrDefault("q"),
            Filters.Where(pair => pair.Key != "q").ToDictionary(pair => pair.Key, IReadOnlyList<string> (pair) => [pair.Value], StringComparer.Ordinal));
        var search = AuditQueries.Read(query);
        if (!search.IsSuccess)
        {
            Problem = ProblemOf(search.Error);
            return;
        }

        var found = await log.SearchAsync(Caller, search.Value, string.IsNullOrEmpty(cursor) ? null : cursor, PageSize, HttpContext.RequestAborted);
        Problem = found.IsSuccess ? null : ProblemOf(found.Error);
        Found = found.IsSuccess ? found.Value : Found;
    }
}
