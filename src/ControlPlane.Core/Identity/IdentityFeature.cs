using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using ControlPlane.Core.WriteBehind;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Identity;

/// <summary>Accounts, sessions, tokens, and what decides about them.</summary>
public static class IdentityFeature
{
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.AddSingleton<AnonymousRefusals>();
        services.AddAudit();
        services.AddSingleton<CallerCache>();
        services.AddSingleton<CredentialUse>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<PasswordChecks>();
        services.AddSingleton<SignInRules>();
        services.AddSingleton<SessionOpening>();
        services.AddSingleton<DirectorySignIn>();
        services.AddSingleton<SecondFactorCodes>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<FreshAuthentication>();
        services.AddSingleton<PendingSignIn>();
        services.AddSingleton<OwnPassword>();
        services.AddSingleton<SignInSettingsService>();
        services.AddSingleton<LastAdministrator>();
        services.AddSingleton<AccountGate>();
        services.AddSingleton<UserQueries>();
        services.AddSingleton<Users>();
        services.AddSingleton<UserSessions>();
        services.AddSingleton<TokenNetworks>();
        services.AddSingleton<UserTokens>();
        services.AddSingleton<CallerLifetimes>();
        services.AddSingleton<CredentialState>();
        services.AddDuty<CredentialWatch>();
        services.AddSingleton<IdentityWarmUp>();
        services.AddWarmUp<IdentityWarmUp>();
        services.AddSingleton<WebSessions>();
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<FirstPassword>();
        services.AddSingleton<LocalAccounts>();
        services.AddSingleton<IExternalAccounts, ExternalAccounts>();
        services.AddSingleton<SignIn>();
        return services;
    }

    /// <summary>The server's keys and certificates.</summary>
    public static IServiceCollection AddCertificates(this IServiceCollection services)
    {
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<SecretStore>();
        services.AddSingleton<CertificateAuthority>();
        services.AddSingleton<ServerCertificate>();
        services.AddSingleton<ClientAuthority>();
        services.AddSingleton<ClientCertificates>();
        services.AddSingleton<ClientBundles>();
        services.AddSingleton<ClientSetup>();
        return services;
    }

    /// <summary>The lease, and the duties that write behind and purge.</summary>
    public static IServiceCollection AddLeadership(this IServiceCollection services)
    {
        services.AddSingleton<LeaderLease>();
        services.AddDuty<LeaseWatch>();
        services.AddSingleton<WriteBehindQueue>();
        services.AddDuty<WriteBehindWriter>();
        services.AddDuty<PurgeDuty>();
        return services;
    }
}
