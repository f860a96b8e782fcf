using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Accounts;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("everybody manages their own account")]
public sealed class ProfileModel(
    UserQueries users, Users accounts, OwnPassword password, UserSessions sessions, ApiTokens tokens, ClientBundles bundles, SecondFactors factors,
    FreshAuthentication fresh, ClientSetup clientSetup) : DashboardPage
{
    private static readonly string[] Tabs = ["account", "second-factor", "sessions", "tokens", "bundles", "docker"];
    private UserView? _me;

    public UserView Me => _me ?? throw new InvalidOperationException("The page is rendered only when there is an account.");

    public string Tab { get; private set; } = "account";

    public bool IsFresh { get; private set; }

    public IReadOnlyList<SessionView> Sessions { get; private set; } = [];

    public IReadOnlyList<ApiTokenView> Tokens { get; private set; } = [];

    public TokenForm TokenForm { get; private set; } = new();

    public CreatedApiToken? CreatedToken { get; private set; }

    public IReadOnlyList<ClientCertificateView> Certificates { get; private set; } = [];

    public ClientSetupView? Docker { get; private set; }

    public SecondFactorView Factor { get; private set; } = new(false, false, 0);

    public SecondFactorSetup? Setup { get; private set; }

    public IReadOnlyList<string>? RecoveryCodes { get; private set; }

    private CancellationToken Aborted => HttpContext.RequestAborted;

    public Task<IActionResult> OnGetAsync(string? tab) => ShowAsync(tab ?? "account");

    public async Task<IActionResult> OnPostSaveAsync(string? fullName, string? email)
    {
        var saved = await accounts.UpdateOwnAsync(Caller, new ProfilePatch { FullName = fullName ?? "", Email = email ?? "" }, Aborted);
        return saved.IsSuccess ? Told(new Notice("Saved."), "/profile") : await RefusedAsync(saved.Error, "account");
    }

    public async Task<IActionResult> OnPostPasswordAsync(string? currentPassword, string? newPassword, string? again)
    {
        if (!string.Equals(newPassword, again, StringComparison.Ordinal))
        {
            return await RefusedAsync(new InvalidError("newPassword", "is not the same twice"), "account");
        }

        var ticket = await password.ChangeAsync(Caller, currentPassword, newPassword, Aborted);
        if (!ticket.IsSuccess)
        {
            return await RefusedAsync(ticket.Error, "account");
        }

        SessionCookie.Append(Response, ticket.Value);
        return Told(new Notice("The password was changed. All your other sessions ended."), "/profile");
    }

    public async Task<IActionResult> OnPostEndSessionAsync(string? session)
    {
        var ended = await sessions.EndOwnAsync(Caller, string.IsNullOrEmpty(session) ? null : session, Aborted);
        return ended.IsSuccess ? Told(new Notice("Ended."), "/profile/sessions") : Told(ended.Error, "/profile/sessions");
    }

    public async Task<IActionResult> OnPostCreateTokenAsync(TokenForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        TokenForm = form;
        var created = await tokens.CreateAsync(Caller, form.ToNew(), form.CurrentPassword, Aborted);
        if (!created.IsSuccess)
        {
            return await RefusedAsync(created.Error, "tokens");
        }

        CreatedToken = created.Value;
        TokenForm = new TokenForm();
        return await ShowAsync("tokens");
    }

    public async Task<IActionResult> OnPostRevokeTokenAsync(string token)
    {
        var revoked = await tokens.RevokeAsync(Caller, token, Aborted);
        return revoked.IsSuccess ? Told(new Notice("Revoked."), "/profile/tokens") : Told(revoked.Error, "/profile/tokens");
    }

    public async Task<IActionResult> OnPostCreateBundleAsync(string? name, string? currentPassword)
    {
        var bundle = await bundles.CreateOwnAsync(Caller, name, null, currentPassword, Aborted);
        return bundle.IsSuccess ? File(bundle.Value.Zip, "application/zip", bundle.Value.FileName) : await RefusedAsync(bundle.Error, "bundles");
    }

    public async Task<IActionResult> OnPostRevokeBundleAsync(string certificate)
    {
        var revoked = await bundles.RevokeOwnAsync(Caller, certificate, Aborted);
        return revoked.IsSuccess ? Told(new Notice("Revoked."), "/profile/bundles") : Told(revoked.Error, "/profile/bundles");
    }

    public async Task<IActionResult> OnPostBeginFactorAsync(string? currentPassword)
    {
        var setup = await factors.BeginAsync(Caller, currentPassword, Aborted);
        if (!setup.IsSuccess)
        {
            return await RefusedAsync(setup.Error, "second-factor");
        }

        Setup = setup.Value;
        return await ShowAsync("second-factor");
    }

    public async Task<IActionResult> OnPostConfirmFactorAsync(string? code) => await CodesAsync(await factors.ConfirmAsync(Caller, code, Aborted));

    public async Task<IActionResult> OnPostRecoveryCodesAsync(string? code, string? currentPassword) =>
        await CodesAsync(await factors.RegenerateAsync(Caller, currentPassword, code, Aborted));

    public async Task<IActionResult> OnPostDisableFactorAsync(string? code, string? currentPassword)
    {
        var disabled = await factors.DisableAsync(Caller, currentPassword, code, Aborted);
        return disabled.IsSuccess ? Told(new Notice("The second factor is off."), "/profile/second-factor") : await RefusedAsync(disabled.Error, "second-factor");
    }

    private async Task<IActionResult> CodesAsync(Result<IReadOnlyList<string>> codes)
    {
        if (!codes.IsSuccess)
        {
            return await RefusedAsync(codes.Error, "second-factor");
        }

        RecoveryCodes = codes.Value;
        return await ShowAsync("second-factor");
    }

    private async Task<IActionResult> RefusedAsync(Error error, string tab)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return await ShowAsync(tab);
    }

    private async Task<IActionResult> ShowAsync(string tab)
    {
        if (!Tabs.Contains(tab, StringComparer.Ordinal))
        {
            return NotFound();
        }

        Tab = tab;
        var me = await users.GetOwnAsync(Caller, Aborted);
        if (!me.IsSuccess)
        {
            return Missing(me.Error);
        }

        _me = me.Value;
        IsFresh = await fresh.IsFreshAsync(Caller, Aborted);
        switch (tab)
        {
            case "sessions":
                Sessions = OrNone(await sessions.ListOwnAsync(Caller, Aborted));
                break;
            case "tokens":
                Tokens = OrNone(await tokens.ListAsync(Caller, Aborted));
                break;
            case "docker":
                Docker = await clientSetup.GetAsync(Caller, Aborted) is { IsSuccess: true } how ? how.Value : null;
                break;
            case "bundles":
                Certificates = OrNone(await bundles.ListOwnAsync(Caller, Aborted));
                break;
            case "second-factor":
                var factor = await factors.GetAsync(Caller, Aborted);
                Factor = factor.IsSuccess ? factor.Value : Factor;
                break;
            default:
                break;
        }

        return Page();
    }

    private static IReadOnlyList<T> OrNone<T>(Result<IReadOnlyList<T>> rows) => rows.IsSuccess ? rows.Value : [];
}
