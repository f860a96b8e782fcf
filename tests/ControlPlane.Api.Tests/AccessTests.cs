using System.Net;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests;

public sealed class AccessTests
{
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
