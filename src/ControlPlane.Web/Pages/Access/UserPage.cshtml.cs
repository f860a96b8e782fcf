using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Accounts;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequirePermission(Permission.UsersRead)]
public sealed class UserPageModel(
    UserQueries queries, Users users, UserSessions sessions, UserTokens tokens, ClientBundles bundles, Authorizer authorizer, AccessStore access) : DashboardPage
{
    private static readonly string[] Tabs = ["overview", "teams", "sessions", "tokens", "bundles"];
    private UserView? _account;

    public UserView Account => _account ?? throw new InvalidOperationException("The page is rendered only when there is an account.");

    public string Tab { get; private set; } = "overview";

    /// <summary>Show what Core would let the caller do; it decides again.</summary>
    public bool MayChange { get; private set; }

    public IEnumerable<string> Paths => access.Current.Collections.Keys
        .Where(path => path != Collections.Shared && !authorizer.On(Caller, path).IsEmpty).Order(StringComparer.Ordinal);

    public string? NewPassword { get; private set; }

    public IReadOnlyList<SessionView> Sessions { get; private set; } = [];

    public IReadOnlyList<ApiTokenView> Tokens { get; private set; } = [];

    public TokenForm TokenForm { get; private set; } = new();

    public CreatedApiToken? CreatedToken { get; private set; }

    public IReadOnlyList<ClientCertificateView> Certificates { get; private set; } = [];

    private CancellationToken Aborted => HttpContext.RequestAborted;

    public Task<IActionResult> OnGetAsync(string id, string? tab) => ShowAsync(id, tab ?? "overview");

    public async Task<IActionResult> OnPostSaveAsync(string id, long? revision, string? fullName, string? email, string? defaultCollection, bool isAdministrator)
    {
        var found = await queries.GetAsync(Caller, id, Aborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        var isLocal = found.Value.Source == AccountSource.Local;
        var patch = new UserPatch
        {
            FullName = isLocal ? fullName ?? "" : null,
            Email = isLocal ? email ?? "" : null,
            DefaultCollection = defaultCollection ?? "",
            IsAdministrator = isAdministrator == found.Value.IsAdministrator ? null : isAdministrator,
        };
        var saved = await users.UpdateAsync(Caller, id, patch, revision, Aborted);
        return saved.IsSuccess ? Told(new Notice("Saved."), Back(id)) : await RefusedAsync(saved.Error, id, "overview");
    }

    public async Task<IActionResult> OnPostStateAsync(string id, bool disabled, long? revision) =>
        Answer(await users.UpdateAsync(Caller, id, new UserPatch { Disabled = disabled }, revision, Aborted), disabled ? "Disabled: its sessions ended, its credentials do not count." : "Enabled.", Back(id));

    public async Task<IActionResult> OnPostResetPasswordAsync(string id)
    {
        var made = await users.ResetPasswordAsync(Caller, id, Aborted);
        if (!made.IsSuccess)
        {
            return Told(made.Error, Back(id));
        }

        NewPassword = made.Value.Password;
        return await ShowAsync(id, "overview");
    }

    public async Task<IActionResult> OnPostResetFactorAsync(string id) =>
        Answer(await users.ResetSecondFactorAsync(Caller, id, Aborted), "The second factor is gone.", Back(id));

    public async Task<IActionResult> OnPostDeleteAsync(string id)
    {
        var deleted = await users.DeleteAsync(Caller, id, null, Aborted);
        return deleted.IsSuccess ? Told(new Notice("Deleted."), "/access/users") : Told(deleted.Error, Back(id));
    }

    public async Task<IActionResult> OnPostEndSessionAsync(string id, string? session) =>
        Answer(await sessions.EndOfAsync(Caller, id, string.IsNullOrEmpty(session) ? null : session, Aborted), "Ended.", Back(id) + "/sessions");

    public async Task<IActionResult> OnPostCreateTokenAsync(string id, TokenForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        TokenForm = form;
        var created = await tokens.CreateAsync(Caller, id, form.ToNew(), Aborted);
        if (!created.IsSuccess)
        {
            return await RefusedAsync(created.Error, id, "tokens");
        }

        CreatedToken = created.Value;
        TokenForm = new TokenForm();
        return await ShowAsync(id, "tokens");
    }

    public async Task<IActionResult> OnPostRevokeTokenAsync(string id, string token) =>
        Answer(await tokens.RevokeAsync(Caller, id, token, Aborted), "Revoked.", Back(id) + "/tokens");

    public async Task<IActionResult> OnPostCreateBundleAsync(string id, string? name)
    {
        var bundle = await bundles.CreateForAsync(Caller, id, name, null, Aborted);
        return bundle.IsSuccess ? File(bundle.Value.Zip, "application/zip", bundle.Value.FileName) : await RefusedAsync(bundle.Error, id, "bundles");
    }

    public async Task<IActionResult> OnPostRevokeBundleAsync(string id, string certificate) =>
        Answer(await bundles.RevokeOfAsync(Caller, id, certificate, Aborted), "Revoked.", Back(id) + "/bundles");

    private IActionResult Answer<T>(Result<T> result, string text, string back) => result.IsSuccess ? Told(new Notice(text), back) : Told(result.Error, back);

    private static string Back(string id) => $"/access/users/{Uri.EscapeDataString(id)}";

    private async Task<IActionResult> RefusedAsync(Error error, string id, string tab)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return await ShowAsync(id, tab);
    }

    private async Task<IActionResult> ShowAsync(string id, string tab)
    {
        if (!Tabs.Contains(tab, StringComparer.Ordinal))
        {
            return NotFound();
        }

        var found = await queries.GetAsync(Caller, id, Aborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        (_account, Tab) = (found.Value, tab);
        MayChange = authorizer.Check(Caller, Permission.UsersUpdate, Collections.System) is null
            && authorizer.CheckCoversUser(Caller, id, found.Value.IsAdministrator) is null;
        switch (tab)
        {
            case "sessions":
                Sessions = OrNone(await sessions.ListOfAsync(Caller, id, Aborted));
                break;
            case "tokens":
                Tokens = OrNone(await tokens.ListOfAsync(Caller, id, Aborted));
                break;
            case "bundles":
                Certificates = OrNone(await bundles.ListOfAsync(Caller, id, Aborted));
                break;
            default:
                break;
        }

        return Page();
    }

    private static IReadOnlyList<T> OrNone<T>(Result<IReadOnlyList<T>> rows) => rows.IsSuccess ? rows.Value : [];
}
