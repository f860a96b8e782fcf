using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Api.Tests.OpenId;

/// <summary>An issuer that signs whatever a test wants: what a real provider would never do.</summary>
internal sealed class CrookedIssuer : IAsyncDisposable
{
    public const string ClientSecret = "a-client-secret-of-thirty-two-bytes-or-more";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _foreign = RSA.Create(2048);
    private string _nonce = "";

    private CrookedIssuer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    /// <summary>Changes the claims of the ID token before it is signed.</summary>
    public Action<JsonObject> Claims { get; set; } = _ => { };

    /// <summary>How it is signed: <c>RS256</c>, <c>none</c>, <c>HS256</c> (by the client secret), <c>foreign</c>, <c>jwk</c>, <c>broken</c>.</summary>
    public string Signature { get; set; } = "RS256";

    public string UserInfoSubject { get; set; } = "carol";

    /// <summary>In place of the discovery document.</summary>
    public Func<HttpContext, Task>? Discovery { get; set; }

    public int DiscoveryRequests { get; private set; }

    public string KeyId { get; set; } = "k1";

    public static async Task<CrookedIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var issuer = new CrookedIssuer(app);
        app.MapGet("/.well-known/openid-configuration", issuer.DiscoverAsync);
        app.MapGet("/jwks", issuer.Keys);
        app.MapGet("/authorize", issuer.Authorize);
        app.MapPost("/token", issuer.Token);
        app.MapGet("/userinfo", () => Results.Json(new { sub = issuer.UserInfoSubject, groups = new[] { "devs" } }));
        await app.StartAsync();
        issuer.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return issuer;
    }

    /// <summary>Claims of a good token for this audience.</summary>
    public JsonObject Good(string audience, string subject = "carol")
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Url,
            ["aud"] = audience,
            ["sub"] = subject,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["jti"] = Guid.NewGuid().ToString("N"),
        };
    }

    public string Sign(JsonObject claims, string? signature = null, string typ = "JWT") => SignRaw(claims.ToJsonString(), signature, typ);

    public string SignRaw(string payload, string? signature = null, string typ = "JWT")
    {
        var how = signature ?? Signature;
        var header = new JsonObject { ["alg"] = how is "none" or "HS256" ? how : "RS256", ["typ"] = typ, ["kid"] = KeyId };
        if (how == "jwk")
        {
            header["jwk"] = PublicKey(_foreign, "k1");
        }

        var body = Encode(header.ToJsonString()) + "." + Encode(payload);
        var bytes = Encoding.ASCII.GetBytes(body);
        return body + "." + (how switch
        {
            "none" => "",
            "HS256" => WebEncoders.Base64UrlEncode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(ClientSecret), bytes)),
            "foreign" or "jwk" => WebEncoders.Base64UrlEncode(_foreign.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            "broken" => WebEncoders.Base64UrlEncode(new byte[256]),
            _ => WebEncoders.Base64UrlEncode(_key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Dispose();
        _foreign.Dispose();
    }

    private static string Encode(string text) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(text));

    private static JsonObject PublicKey(RSA key, string id)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "RSA", ["use"] = "sig", ["kid"] = id,
            ["n"] = WebEncoders.Base64UrlEncode(parameters.Modulus!), ["e"] = WebEncoders.Base64UrlEncode(parameters.Exponent!),
        };
    }

    private Task DiscoverAsync(HttpContext context)
    {
        DiscoveryRequests++;
        return Discovery is { } other
            ? other(context)
            : context.Response.WriteAsJsonAsync(new
            {
                issuer = Url, jwks_uri = Url + "/jwks", authorization_endpoint = Url + "/authorize", token_endpoint = Url + "/token",
                userinfo_endpoint = Url + "/userinfo", response_types_supported = new[] { "code" },
            });
    }

    private IResult Keys() => Results.Text(
        new JsonObject
        {
            ["keys"] = new JsonArray(
                PublicKey(_key, KeyId), new JsonObject { ["kty"] = "oct", ["kid"] = "sym", ["k"] = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(ClientSecret)) }),
        }.ToJsonString(), "application/json");

    private RedirectHttp Authorize(HttpContext context)
    {
        _nonce = context.Request.Query["nonce"].ToString();
        return new RedirectHttp(QueryHelpers.AddQueryString(context.Request.Query["redirect_uri"].ToString(), new Dictionary<string, string?>
        {
            ["code"] = "good", ["state"] = context.Request.Query["state"],
        }));
    }

    private IResult Token()
    {
        var claims = Good(TestKit.OpenId.TestProvider.ClientId);
        claims["nonce"] = _nonce;
        claims["preferred_username"] = "carol";
        claims["groups"] = new JsonArray("devs");
        Claims(claims);
        return Results.Text(JsonSerializer.Serialize(new { access_token = "access", token_type = "Bearer", expires_in = 60, id_token = Sign(claims) }), "application/json");
    }

    private sealed class RedirectHttp(string to) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Redirect(to);
            return Task.CompletedTask;
        }
    }
}
