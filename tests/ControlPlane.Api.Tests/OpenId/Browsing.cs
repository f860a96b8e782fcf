using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace ControlPlane.Api.Tests.OpenId;

/// <summary>What a browser does during a sign-in: cookies, redirects, forms; no scripts.</summary>
internal sealed partial class Browsing : IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _server;

    public Browsing(TestServer server)
    {
        _server = server.Url;
        var handler = new SocketsHttpHandler { CookieContainer = Cookies, UseCookies = true, AllowAutoRedirect = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(server.Database.DataDirectory, "ca.pem")) },
        };
        _client = new HttpClient(handler) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(20) };
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>Every address this browser went to on the server under test.</summary>
    public List<Uri> Visited { get; } = [];

    public IReadOnlyList<string> CookieNames => [.. Cookies.GetCookies(_server).Where(cookie => !cookie.Expired).Select(cookie => cookie.Name)];

    /// <summary>One answer, redirects not followed.</summary>
    public Task<HttpResponseMessage> GetAsync(string address) => _client.GetAsync(new Uri(_server, address));

    public Task<HttpResponseMessage> PostAsync(string address, params (string Name, string Value)[] fields) =>
        _client.PostAsync(new Uri(_server, address), new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Follows redirects; stops before going to an address that <paramref name="until"/> is true for, and gives that answer.</summary>
    public async Task<(Uri At, HttpResponseMessage Answer)> FollowAsync(Uri at, Func<Uri, bool>? until = null, HttpResponseMessage? answer = null)
    {
        for (var hop = 0; hop < 20; hop++)
        {
            if (answer is null)
            {
                if (at.Authority == _server.Authority)
                {
                    Visited.Add(at);
                }

                answer = await _client.GetAsync(at);
            }

            if (answer.Headers.Location is not { } location)
            {
                return (at, answer);
            }

            at = new Uri(at, location);
            if (until?.Invoke(at) == true)
            {
                return (at, answer);
            }

            answer = null;
        }

        throw new InvalidOperationException($"Too many redirects, at {at}.");
    }

    /// <summary>Signs in at the real provider and consents.</summary>
    public Task<(Uri At, HttpResponseMessage Answer)> SignInAsync(string login, string providerId = OpenIdWorld.ProviderId, string returnUrl = "/") =>
        SignInUntilAsync(login, providerId, returnUrl, null);

    /// <summary>The same up to the callback, which is not called.</summary>
    public async Task<Uri> CallbackAsync(string login, string providerId = OpenIdWorld.ProviderId) =>
        (await SignInUntilAsync(login, providerId, "/", address => address.AbsolutePath.EndsWith("/callback", StringComparison.Ordinal))).At;

    public async Task<(Uri At, HttpResponseMessage Answer)> SubmitAsync((Uri At, HttpResponseMessage Answer) page, Func<Uri, bool>? until, params (string, string)[] fields)
    {
        var html = await page.Answer.Content.ReadAsStringAsync();
        var action = FormAction().Match(html).Groups[1].Value;
        action.ShouldNotBeEmpty(html);
        var hidden = HiddenField().Matches(html).Select(field => (field.Groups[1].Value, field.Groups[2].Value));
        var target = new Uri(page.At, WebUtility.HtmlDecode(action));
        var all = hidden.Where(field => !fields.Any(given => given.Item1 == field.Item1)).Concat(fields);
        var answer = await _client.PostAsync(target, new FormUrlEncodedContent(all.Select(field => KeyValuePair.Create(field.Item1, field.Item2))));
        return await FollowAsync(target, until, answer);
    }

    public void Dispose() => _client.Dispose();

    private async Task<(Uri At, HttpResponseMessage Answer)> SignInUntilAsync(string login, string providerId, string returnUrl, Func<Uri, bool>? until)
    {
        var page = await FollowAsync(new Uri(_server, $"/sign-in/openid/{providerId}?returnUrl={Uri.EscapeDataString(returnUrl)}"));
        page = await SubmitAsync(page, null, ("prompt", "login"), ("login", login), ("password", "any"));
        return await SubmitAsync(page, until, ("prompt", "consent"));
    }

    [GeneratedRegex("<form[^>]*action=\"([^\"]+)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();
}
