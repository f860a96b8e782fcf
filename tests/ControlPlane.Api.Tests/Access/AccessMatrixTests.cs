using System.Net;
using System.Text.RegularExpressions;
using ControlPlane.Core.Access;

namespace ControlPlane.Api.Tests.Access;

/// <summary>Every endpoint, page and hub method × every built-in role × own, other and no collection.</summary>
public sealed partial class AccessMatrixTests
{
    // What hangs open or hands the browser on: judged by its row, and by tests of its own.
    private static readonly string[] NotSent = ["/hubs/", "/agent/", "/swagger", "/sign-in", "/auth/log", "/token/exchange"];

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Roles => [.. BuiltInRoles.All.Select(role => role.Id)];

    [Fact]
    public async Task Everything_that_can_be_called_has_a_reviewed_row()
    {
        await using var server = await TestServer.StartAsync();
        var declared = AccessMatrix.Declared(server);
        var reviewed = AccessMatrix.Reviewed().Select(row => (row.Method, row.Pattern, row.Rule)).ToList();

        declared.ShouldNotContain(row => row.Rule == "undeclared");
        var missing = declared.Except(reviewed).Select(row => $"{row.Method} {row.Pattern} {row.Rule}").ToList();
        var gone = reviewed.Except(declared).Select(row => $"{row.Method} {row.Pattern} {row.Rule}").ToList();
        missing.ShouldBeEmpty($"Review these and add them to tests/ControlPlane.Api.Tests/Access/matrix.txt:\n{string.Join('\n', missing)}\n");
        gone.ShouldBeEmpty($"These rows of matrix.txt are nobody's any more:\n{string.Join('\n', gone)}\n");
    }

    [Fact]
    public void Every_rule_of_the_matrix_is_a_right_that_can_be_granted()
    {
        var rows = AccessMatrix.Reviewed();

        rows.Where(row => row.NeedsRight).ShouldAllBe(row => PermissionCatalog.Exists(row.Rule));
        rows.Where(row => !row.NeedsRight).ShouldAllBe(row => row.Rule == "open" || row.Rule == "signed-in" || row.Rule == "in-method");
        rows.Where(row => row.NeedsRight && PermissionCatalog.All.Single(right => right.Name == row.Rule).Scope == PermissionScope.System)
            .ShouldAllBe(row => row.Scope == MatrixScope.System || row.Scope == MatrixScope.Root);
    }

    [Theory, MemberData(nameof(Roles))]
    public async Task A_role_on_a_collection_opens_its_own_and_nothing_else(string roleId)
    {
        await using var cluster = await AccessCluster.StartAsync();
        var client = await cluster.ClientAsync(roleId, AccessCluster.Own);
        var role = BuiltInRoles.All.Single(role => role.Id == roleId);

        foreach (var row in Sent())
        {
            var has = role.Permissions.Has(row.Rule);
            var own = await SendAsync(cluster, client, row, AccessCluster.OwnContainer, AccessCluster.OwnNode);
            if (!has)
            {
                own.ShouldBe(HttpStatusCode.Forbidden, row.ToString());
                continue;
            }

            if (row.Scope is MatrixScope.System or MatrixScope.Root)
            {
                own.ShouldBe(HttpStatusCode.Forbidden, $"{row}: a right on {AccessCluster.Own} is none on /System or /");
                continue;
            }

            own.ShouldNotBe(HttpStatusCode.Unauthorized, row.ToString());
            own.ShouldNotBe(HttpStatusCode.Forbidden, row.ToString());
            if (row.Scope is MatrixScope.Container or MatrixScope.Node)
            {
                var other = await SendAsync(cluster, client, row, AccessCluster.HiddenContainer, AccessCluster.HiddenNode);
                if (own is HttpStatusCode.BadRequest or HttpStatusCode.UnsupportedMediaType)
                {
                    // Refused before any object was looked for: the answer is the same for both.
                    other.ShouldBeOneOf([HttpStatusCode.NotFound, own], row.ToString());
                    continue;
                }

                own.ShouldNotBe(HttpStatusCode.NotFound, row.ToString());
                other.ShouldBe(HttpStatusCode.NotFound, $"{row}: what is not seen does not exist");
            }
        }
    }

    [Theory, MemberData(nameof(Roles))]
    public async Task Rights_on_system_are_what_its_endpoints_ask_for(string roleId)
    {
        await using var cluster = await AccessCluster.StartAsync();
        var client = await cluster.ClientAsync(roleId, Collections.System);
        var role = BuiltInRoles.All.Single(role => role.Id == roleId);

        foreach (var row in Sent().Where(row => row.Scope == MatrixScope.System))
        {
            var answer = await SendAsync(cluster, client, row, "x1", "x1");
            if (role.Permissions.Has(row.Rule))
            {
                answer.ShouldNotBe(HttpStatusCode.Forbidden, row.ToString());
                answer.ShouldNotBe(HttpStatusCode.Unauthorized, row.ToString());
            }
            else
            {
                answer.ShouldBe(HttpStatusCode.Forbidden, row.ToString());
            }
        }
    }

    [Fact]
    public async Task Nobody_without_a_grant_gets_through_and_nobody_without_an_account()
    {
        await using var cluster = await AccessCluster.StartAsync();
        var nobody = await cluster.ClientAsync(null, "/");

        foreach (var row in Sent())
        {
            (await SendAsync(cluster, nobody, row, AccessCluster.OwnContainer, AccessCluster.OwnNode)).ShouldBe(HttpStatusCode.Forbidden, row.ToString());
        }

        foreach (var row in AccessMatrix.Reviewed().Where(row => row.Rule is not ("open" or "in-method") && !NotSent.Any(row.Pattern.Contains)))
        {
            var answer = (int)await SendAsync(cluster, cluster.Server.Anonymous, row, AccessCluster.OwnContainer, AccessCluster.OwnNode);
            answer.ShouldBeOneOf([401, 302], row.ToString());
        }
    }

    [Theory]
    [InlineData("view-only")]
    [InlineData("full-control")]
    [InlineData("admin")]
    public async Task No_list_count_search_or_page_names_what_is_not_seen(string roleId)
    {
        await using var cluster = await AccessCluster.StartAsync();
        var client = await cluster.ClientAsync(roleId, AccessCluster.Own);
        var addresses = AccessMatrix.Reviewed().Where(row => row.Method is "GET" or "*" && row.Rule != "in-method" && !NotSent.Any(row.Pattern.Contains) && !row.Pattern.Contains("/events", StringComparison.Ordinal))
            .Select(row => Address(row, AccessCluster.OwnContainer, AccessCluster.OwnNode))
            .Concat(["/search?q=hidden", "/search?q=node", "/api/v1/containers?q=hidden", "/api/v1/nodes?q=hidden", "/api/v1/images?q=hidden", "/containers?q=hidden"])
            .Distinct(StringComparer.Ordinal);

        foreach (var address in addresses)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            using var answer = await client.GetAsync(address, deadline.Token);
            var text = await answer.Content.ReadAsStringAsync(deadline.Token);

            // A page may repeat what was asked for; it must not answer it.
            text.Replace("q=hidden", "", StringComparison.Ordinal).ShouldNotContain(AccessCluster.Mark, Case.Insensitive, address);
        }

        var list = await (await client.GetAsync("/api/v1/containers")).JsonAsync();
        list.GetProperty("total").GetInt32().ShouldBe(1);
        list.GetProperty("items")[0].GetProperty("name").GetString().ShouldBe(AccessCluster.OwnContainer);
    }

    [Fact]
    public async Task The_unseen_and_the_absent_answer_alike()
    {
        await using var cluster = await AccessCluster.StartAsync();
        var client = await cluster.ClientAsync("full-control", AccessCluster.Own);

        foreach (var (unseen, absent) in ((string, string)[])
            [
                ($"/api/v1/containers/{AccessCluster.HiddenContainer}", "/api/v1/containers/absent-container"),
                ($"/api/v1/nodes/{AccessCluster.HiddenNode}", "/api/v1/nodes/absent-node"),
            ])
        {
            using var first = await client.GetAsync(unseen);
            using var second = await client.GetAsync(absent);
            first.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            second.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await first.CodeAsync()).ShouldBe(await second.CodeAsync());
            (await first.JsonAsync()).GetProperty("detail").GetString()!.Replace(AccessCluster.Mark, "absent-", StringComparison.Ordinal)
                .ShouldBe((await second.JsonAsync()).GetProperty("detail").GetString());
        }
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [Fact]
    public async Task Admin_on_the_root_gets_through_everywhere()
    {
        await using var cluster = await AccessCluster.StartAsync();
        var client = await cluster.ClientAsync("admin", Collections.Root);

        foreach (var row in Sent())
        {
            ((int)await SendAsync(cluster, client, row, AccessCluster.HiddenContainer, AccessCluster.HiddenNode)).ShouldNotBeOneOf([401, 403], row.ToString());
        }
    }

    private static IEnumerable<MatrixRow> Sent() => AccessMatrix.Reviewed().Where(row => row.NeedsRight && !NotSent.Any(row.Pattern.Contains));

    private static async Task<HttpStatusCode> SendAsync(AccessCluster cluster, HttpClient client, MatrixRow row, string container, string node)
    {
        if (row.Method is not ("GET" or "*"))
        {
            await cluster.ResetAsync();
        }

        using var deadline = new CancellationTokenSource(Deadline);
        using var request = new HttpRequestMessage(new HttpMethod(row.Method == "*" ? "GET" : row.Method), Address(row, container, node));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        return answer.StatusCode;
    }

    private static string Address(MatrixRow row, string container, string node)
    {
        var name = row.Scope == MatrixScope.Node ? node : row.Scope == MatrixScope.Container ? container : "x1";
        return string.Join('/', row.Pattern.Split('/').Select((part, index) =>
            !part.Contains('{', StringComparison.Ordinal) ? part
            : part.EndsWith("?}", StringComparison.Ordinal) ? ""
            : part is "{id}" ? name
            : Parameter().Replace(part, "x1"))).TrimEnd('/') is { Length: > 0 } address ? address : "/";
    }
}
