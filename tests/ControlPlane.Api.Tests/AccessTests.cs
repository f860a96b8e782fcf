using System.Net;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests;

public sealed class AccessTests
{
    [Fact]
    public async Task Every_endpoint_declares_a_rule()
    {
        await using var server = await TestServer.StartAsync();

        Endpoints(server).Where(endpoint => endpoint.Metadata.GetMetadata<IAccessRule>() is null)
            .Select(endpoint => endpoint.DisplayName).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_endpoint_answers_each_role_by_its_rule()
    {
        await using var server = await TestServer.StartAsync();
        var other = await OtherAsync(server);
        using var client = server.WithToken(other);

        foreach (var endpoint in Endpoints(server))
        {
            var rule = endpoint.Metadata.GetMetadata<IAccessRule>()!;
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var path = string.Concat(endpoint.RoutePattern.PathSegments.Select(segment =>
                    "/" + string.Concat(segment.Parts.Select(part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x1"))));
                var what = $"{method} {path}";
                if (path.StartsWith("/swagger", StringComparison.Ordinal) || path.Contains("/logout", StringComparison.Ordinal))
                {
                    continue;
                }

                var anonymous = await SendAsync(server.Anonymous, method, path);
                var signedIn = await SendAsync(client, method, path);
                if (rule.IsOpen)
                {
                    continue;
                }

                ((int)anonymous).ShouldBeOneOf([401, 302], what);
                if (rule.Permission is not null)
                {
                    signedIn.ShouldBe(HttpStatusCode.Forbidden, what);
                }
                else
                {
                    ((int)signedIn).ShouldBeLessThan(500, what);
                    signedIn.ShouldNotBe(HttpStatusCode.Unauthorized, what);
                }
            }
        }
    }

    [Theory]
    [InlineData("/api/v1/tokens")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    public async Task Programs_get_a_401_problem_and_never_a_redirect(string path)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.Anonymous.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.CodeAsync()).ShouldBe("auth.required");
    }

    [Fact]
    public async Task People_are_sent_to_the_sign_in_page()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.Anonymous.GetAsync("/swagger/index.html");

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe("/sign-in?returnUrl=%2Fswagger%2Findex.html");
    }

    [Fact]
    public async Task Tokens_come_by_either_header_and_a_wrong_one_is_nobody()
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me") { Headers = { { "X-API-Key", server.First!.Token } } };
        (await server.Anonymous.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var forged = server.WithToken(server.First.Token[..^1] + "x");
        (await forged.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Refusals_leave_an_audit_entry()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.WithToken(await OtherAsync(server));

        await client.GetAsync("/api/v1/audit");
        await server.Services.GetRequiredService<RefusalWriter>().FlushAsync(all: true, CancellationToken.None);

        await using var db = server.Database.CreateDbContext();
        (await db.Audit.SingleAsync(entry => entry.Result == "refused")).Action.ShouldBe("audit.read");
    }

    private static IEnumerable<RouteEndpoint> Endpoints(TestServer server) =>
        server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }

    /// <summary>Token of an account without rights.</summary>
    private static async Task<string> OtherAsync(TestServer server)
    {
        await using var db = server.Database.CreateDbContext();
        var user = server.Services.GetRequiredService<LocalAccounts>().NewUser("other", "some password", isAdministrator: false);
        db.Users.Add(user);
        var token = server.Services.GetRequiredService<ApiTokens>().Add(db, user.Id, "test", 1);
        await db.SaveChangesAsync();
        return token.Token;
    }
}
