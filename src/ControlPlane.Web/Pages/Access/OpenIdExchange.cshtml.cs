using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId.Exchange;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequirePermission(Permission.SettingsRead)]
public sealed class OpenIdExchangeModel(ExchangeSettingsService exchange) : DashboardPage
{
    public const string Example =
        """
        {
          "trustedIssuers": [
            {
              "issuer": "https://token.actions.githubusercontent.com",
              "audience": "https://controlplane.example.com",
              "rules": [
                {
                  "conditions": [{ "claim": "sub", "value": "repo:org/shop:ref:refs/heads/main" }],
                  "serviceAccount": "deployer",
                  "permissions": ["containers.read", "containers.create"],
                  "collection": "/prod",
                  "lifetimeSeconds": 900
                }
              ]
            }
          ]
        }
        """;

    private const int MaximumLength = 256 * 1024;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public string Json { get; private set; } = "";

    public long Revision { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        var found = await exchange.GetAsync(Caller, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Revision = found.Value.Revision;
        Json = JsonSerializer.Serialize(new TokenExchangeRequest { TrustedIssuers = found.Value.TrustedIssuers }, Format);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? json, long revision)
    {
        Json = json ?? "";
        Revision = revision;
        var request = Read(Json);
        var saved = request.IsSuccess ? await exchange.PutAsync(Caller, request.Value, revision, HttpContext.RequestAborted) : request.Error;
        if (saved.IsSuccess)
        {
            return Told(new Notice("Saved and in force."), "/access/openid");
        }

        Problem = ProblemOf(saved.Error);
        Response.StatusCode = Problem.Status;
        return Page();
    }

    private static Result<TokenExchangeRequest> Read(string json)
    {
        try
        {
            return json.Length <= MaximumLength && JsonSerializer.Deserialize<TokenExchangeRequest>(json, Format) is { } request
                ? request
                : new InvalidError("json", "must be a JSON object of at most 256 KiB");
        }
        catch (JsonException error)
        {
            return new InvalidError(error.Path ?? "json", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"is not what is expected, in line {error.LineNumber + 1}"));
        }
    }
}
