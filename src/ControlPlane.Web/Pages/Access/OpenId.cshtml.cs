using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Exchange;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequirePermission(Permission.SettingsRead)]
public sealed class OpenIdModel(OpenIdProviders providers, ExchangeSettingsService exchange, Authorizer authorizer) : DashboardPage
{
    public IReadOnlyList<OpenIdProviderView> Providers { get; private set; } = [];

    public IReadOnlyList<TrustedIssuer> Issuers { get; private set; } = [];

    public bool MayChange => authorizer.MaySee(Caller, Permission.SettingsUpdate, Collections.System);

    public async Task<IActionResult> OnGetAsync()
    {
        var found = providers.List(Caller);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Providers = found.Value;
        var trusted = await exchange.GetAsync(Caller, HttpContext.RequestAborted);
        Issuers = trusted.IsSuccess ? trusted.Value.TrustedIssuers : [];
        return Page();
    }
}
