using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.OpenId;

/// <summary>From what is asked for to a provider, or to everything that is wrong with it.</summary>
internal static class OpenIdProviderForm
{
    public const int MaximumSecret = 500;
    private const int MaximumPem = 64 * 1024;
    private const int MaximumScopes = 20;
    private static readonly string[] Prompts = ["login", "consent", "select_account"];

    // Pages have these addresses.
    private static readonly string[] Reserved = ["new", "exchange"];

    public static bool IsId(string? id) =>
        !Reserved.Contains(id, StringComparer.Ordinal) && id is { Length: >= 1 and <= 40 } && id[0] != '-' && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static Result<OpenIdProvider> Read(string id, OpenIdProviderRequest request)
    {
        var errors = new List<FieldError>();
        if (!IsId(id))
        {
            errors.Add(new FieldError("id", "must have 1 to 40 lower-case letters, digits and dashes, and not be new or exchange"));
        }

        var provider = new OpenIdProvider
        {
            Id = id,
            DisplayName = Text(request.DisplayName) ?? id,
            Authority = Text(request.Authority) ?? "",
            AllowInsecure = request.AllowInsecure ?? false,
            ClientId = Text(request.ClientId) ?? "",
            Scopes = Scopes(request.Scopes ?? ["openid", "profile", "email"]),
            NameClaim = Text(request.NameClaim) ?? "preferred_username",
            GroupsClaim = Text(request.GroupsClaim) ?? "groups",
            TrustedCa = Text(request.TrustedCa),
            Prompt = Text(request.Prompt),
            UserInfo = request.UserInfo ?? true,
            RequireTeam = request.RequireTeam ?? true,
            Administrators = request.Administrators,
        };
        CheckAuthority("authority", provider.Authority, provider.Outgoing, errors);
        CheckText("displayName", provider.DisplayName, 60, errors);
        CheckText("clientId", provider.ClientId, 200, errors);
        CheckText("nameClaim", provider.NameClaim, 100, errors);
        CheckText("groupsClaim", provider.GroupsClaim, 100, errors);
        CheckCa("trustedCa", provider.TrustedCa, errors);
        if (request.ClientSecret is { } secret && (secret.Length > MaximumSecret || secret.Any(char.IsControl)))
        {
            errors.Add(new FieldError("clientSecret", $"must have at most {MaximumSecret} characters and no control characters"));
        }

        if (provider.Scopes.Count > MaximumScopes || provider.Scopes.Any(scope => scope.Length > 200 || scope.Any(c => c is <= ' ' or '"' or '\\' or > '~')))
        {
            errors.Add(new FieldError("scopes", $"must be at most {MaximumScopes} words"));
        }

        if (provider.Prompt is { } prompt && !Prompts.Contains(prompt, StringComparer.Ordinal))
        {
            errors.Add(new FieldError("prompt", $"must be one of {string.Join(", ", Prompts)}"));
        }

        if (provider.Administrators is { } rule)
        {
            CheckText("administrators.claim", rule.Claim, 100, errors);
            CheckText("administrators.value", rule.Value, 500, errors);
        }

        return errors.Count > 0 ? new InvalidError(errors) : provider;
    }

    public static void CheckText(string field, string? text, int maximum, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > maximum || text.Any(char.IsControl))
        {
            errors.Add(new FieldError(field, $"must have 1 to {maximum} characters and no control characters"));
        }
    }

    public static void CheckAuthority(string field, string authority, OutgoingRules rules, List<FieldError> errors)
    {
        var problem = authority.Length > 500 ? "must have at most 500 characters"
            : authority.AsSpan().ContainsAny('?', '#') ? "must have no query and no fragment"
            : rules.Problem(authority);
        if (problem is not null)
        {
            errors.Add(new FieldError(field, problem));
        }
    }

    public static void CheckCa(string field, string? pem, List<FieldError> errors)
    {
        if (pem is null)
        {
            return;
        }

        var found = new X509Certificate2Collection();
        try
        {
            if (pem.Length <= MaximumPem)
            {
                found.ImportFromPem(pem);
            }
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        if (found.Count == 0)
        {
            errors.Add(new FieldError(field, "must be certificates in PEM form"));
        }

        foreach (var certificate in found)
        {
            certificate.Dispose();
        }
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static List<string> Scopes(IReadOnlyList<string> asked) =>
        [.. asked.Where(scope => !string.IsNullOrWhiteSpace(scope)).Select(scope => scope.Trim()).Prepend("openid").Distinct(StringComparer.Ordinal)];
}
