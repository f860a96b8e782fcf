using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.Results;
using ControlPlane.Web.Access;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages.Access;

[RequirePermission(Permission.SettingsRead)]
public sealed class OpenIdProviderModel(OpenIdProviders providers, OpenIdTest test) : DashboardPage
{
    private const string New = "new";

    public static readonly IReadOnlyList<(string Value, string Text)> Prompts =
        [("", "as the provider likes"), ("login", "for the password"), ("select_account", "which account"), ("consent", "for consent")];

    public OpenIdProviderForm Form { get; private set; } = new() { UserInfo = true, RequireTeam = true };

    public OpenIdProviderView? View { get; private set; }

    public OpenIdTestView? Test { get; private set; }

    public bool IsNew => View is null;

    public IActionResult OnGet([FromRoute] string id)
    {
        if (id == New)
        {
            return Page();
        }

        return Find(id) is { } missing ? missing : Shown();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string id, OpenIdProviderForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (id != New && Find(id) is { } missing)
        {
            return missing;
        }

        Form = form;
        var name = id == New ? form.Id ?? "" : id;
        if (id == New && providers.Get(Caller, name).IsSuccess)
        {
            return Refused(new InvalidError("id", "is another provider's"));
        }

        var saved = await providers.PutAsync(Caller, name, form.ToRequest(), id == New ? null : form.Revision, HttpContext.RequestAborted);
        return saved.IsSuccess ? Told(new Notice($"{saved.Value.DisplayName} is saved and in force."), $"/access/openid/{saved.Value.Id}") : Refused(saved.Error);
    }

    public async Task<IActionResult> OnPostTestAsync([FromRoute] string id)
    {
        if (Find(id) is { } missing)
        {
            return missing;
        }

        Form = OpenIdProviderForm.Of(View!);
        var result = await test.RunAsync(Caller, id, HttpContext.RequestAborted);
        if (!result.IsSuccess)
        {
            return Refused(result.Error);
        }

        Test = result.Value;
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync([FromRoute] string id, long revision)
    {
        var removed = await providers.RemoveAsync(Caller, id, revision, HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The provider is removed; sessions that it opened go on."), "/access/openid") : Told(removed.Error, "/access/openid");
    }

    private IActionResult? Find(string id)
    {
        var found = providers.Get(Caller, id);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        View = found.Value;
        return null;
    }

    private PageResult Shown()
    {
        Form = OpenIdProviderForm.Of(View!);
        return Page();
    }

    private PageResult Refused(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
