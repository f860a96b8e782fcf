using System.Net;
using System.Text;
using ControlPlane.Api.Tests.Access;
using ControlPlane.Core.Access;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Every route of the Docker endpoint × every built-in role × own, other and no collection.</summary>
public sealed class DockerMatrixTests(DockerWorld world) : IClassFixture<DockerWorld>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Roles => [.. BuiltInRoles.All.Select(role => role.Id)];

    [Fact]
    public void Every_route_has_a_reviewed_row()
    {
        var declared = DockerMatrix.Declared(world.Server);
        var reviewed = DockerMatrix.Reviewed();

        var missing = declared.Except(reviewed).ToList();
        var gone = reviewed.Except(declared).ToList();
        missing.ShouldBeEmpty($"Review these and add them to tests/ControlPlane.Api.Tests/DockerApi/docker-matrix.txt:\n{string.Join('\n', missing)}\n");
        gone.ShouldBeEmpty($"These rows of docker-matrix.txt are nobody's any more:\n{string.Join('\n', gone)}\n");
        reviewed.Count.ShouldBe(reviewed.Distinct().Count());
    }

    [Fact]
    public void Only_a_ping_is_open_and_every_change_needs_a_right()
    {
        var rows = DockerMatrix.Reviewed();

        rows.Where(row => row.NeedsRight).ShouldAllBe(row => PermissionCatalog.Exists(row.Rule));
        rows.Where(row => row.Rule == "open").ShouldAllBe(row => row.Pattern == "/_ping");
        rows.Where(row => row.Method is not ("GET" or "HEAD") && !row.IsRefused).ShouldAllBe(row => row.NeedsRight);
        rows.Where(row => row.IsRefused).ShouldAllBe(row => row.Rule == "signed-in");
        // Reading is never the right for changing.
        rows.Where(row => row.Method is "POST" or "PUT" or "DELETE" && row.NeedsRight && !row.Pattern.EndsWith("/wait", StringComparison.Ordinal))
            .ShouldAllBe(row => !row.Rule.EndsWith(".read", StringComparison.Ordinal) && !row.Rule.EndsWith(".inspect", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Roles))]
    public async Task A_role_on_a_collection_opens_its_own_and_nothing_else(string roleId)
    {
        var (_, token) = await world.PersonAsync(roleId, AccessCluster.Own);
        using var client = world.Server.WithToken(token);
        var role = BuiltInRoles.All.Single(role => role.Id == roleId);

        foreach (var row in DockerMatrix.Reviewed().Where(row => row.NeedsRight))
        {
            var own = await SendAsync(client, row, "own-");
            if (!role.Permissions.Has(row.Rule))
            {
                own.Status.ShouldBe(HttpStatusCode.Forbidden, row.ToString());
                (row.Method == "HEAD" || own.Body.Contains("\"message\"", StringComparison.Ordinal)).ShouldBeTrue(row.ToString());
                continue;
            }

            own.Status.ShouldNotBe(HttpStatusCode.Unauthorized, row.ToString());
            own.Body.ShouldNotContain(AccessCluster.Mark, Case.Insensitive, row.ToString());
            if (row.Kind is not null)
            {
                var other = await SendAsync(client, row, AccessCluster.Mark);
                if (own.Status is HttpStatusCode.BadRequest)
                {
                    // Refused before any object was looked for: the answer is the same for both.
                    other.Status.ShouldBeOneOf([HttpStatusCode.NotFound, own.Status], row.ToString());
                    continue;
                }

                own.Status.ShouldNotBe(HttpStatusCode.NotFound, $"{row}: {own.Body}");
                other.Status.ShouldBe(HttpStatusCode.NotFound, $"{row}: what is not seen does not exist, but {other.Body}");
                var absent = await SendAsync(client, row, "absent-");
                other.Body.Replace(AccessCluster.Mark, "absent-", StringComparison.Ordinal).ShouldBe(absent.Body, row.ToString());
            }
            else
            {
                // What names no collection is about the default one, where this person has nothing.
                (own.Status != HttpStatusCode.Forbidden || own.Body.Contains(Collections.Shared, StringComparison.Ordinal)).ShouldBeTrue($"{row}: {own.Body}");
            }
        }
    }

    [Fact]
    public async Task Nobody_without_a_grant_gets_through_and_nobody_without_an_account()
    {
        var (_, token) = await world.PersonAsync(null, "/");
        using var nobody = world.Server.WithToken(token);

        foreach (var row in DockerMatrix.Reviewed())
        {
            var answer = await SendAsync(nobody, row, "own-");
            if (row.NeedsRight)
            {
                answer.Status.ShouldBe(HttpStatusCode.Forbidden, row.ToString());
            }

            answer.Body.ShouldNotContain("own-", Case.Insensitive, row.ToString());
            if (row.Rule != "open")
            {
                (await SendAsync(world.Server.Anonymous, row, "own-")).Status.ShouldBe(HttpStatusCode.Unauthorized, row.ToString());
            }
        }
    }

    [Fact]
    public async Task Admin_on_the_root_gets_through_everywhere()
    {
        var (_, token) = await world.PersonAsync("admin", Collections.Root);
        using var client = world.Server.WithToken(token);

        foreach (var row in DockerMatrix.Reviewed().Where(row => row.NeedsRight))
        {
            ((int)(await SendAsync(client, row, AccessCluster.Mark)).Status).ShouldNotBeOneOf([401, 403, 500, 501], row.ToString());
        }
    }

    [Fact]
    public async Task What_is_not_served_says_what_to_do_instead()
    {
        using var client = world.Server.Administrator();

        foreach (var row in DockerMatrix.Reviewed().Where(row => row.IsRefused))
        {
            var (status, body) = await SendAsync(client, row, "x");
            status.ShouldBe(HttpStatusCode.NotImplemented, row.ToString());
            System.Text.Json.JsonElement.Parse(body).GetProperty("message").GetString()!.Length.ShouldBeGreaterThan(40, row.ToString());
        }
    }

    [Theory]
    [InlineData("view-only")]
    [InlineData("full-control")]
    [InlineData("admin")]
    public async Task No_list_count_or_search_names_what_is_not_seen(string roleId)
    {
        var (_, token) = await world.PersonAsync(roleId, AccessCluster.Own);
        using var client = world.Server.WithToken(token);
        var addresses = DockerMatrix.Reviewed().Where(row => row.Method == "GET" && row.Kind is null && !row.IsRefused && row.Pattern is not "/events").Select(row => row.Target("own-"))
            .Concat(["/v1.41/containers/json?all=1", "/v1.41/images/json?all=1", "/v1.41/containers/json?all=1&filters=" + WebUtility.UrlEncode("{\"name\":[\"hidden\"]}")]);

        foreach (var address in addresses)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            using var answer = await client.GetAsync(address, deadline.Token);
            (await answer.Content.ReadAsStringAsync(deadline.Token)).ShouldNotContain(AccessCluster.Mark, Case.Insensitive, address);
        }
    }

    [Theory]
    [InlineData("view-only")]
    [InlineData("restricted-control")]
    [InlineData("full-control")]
    public async Task Both_doors_answer_alike(string roleId)
    {
        var (certificate, token) = await world.PersonAsync(roleId, AccessCluster.Own);
        using var client = world.Server.WithToken(token);

        foreach (var row in DockerMatrix.Reviewed().Where(row => row.Rule != "open" && row.Pattern is not "/events"))
        {
            var byToken = await SendAsync(client, row, "own-");
            await world.Cluster.ResetAsync();
            await using var connection = await world.CertificateDoorAsync(certificate);
            await connection.SendAsync(world.Request(row.Method, row.Target("own-"), headers: row.Method == "POST" ? ["Content-Length: 0"] : []));
            var byCertificate = await connection.ReadAsync(row.Method == "HEAD");
            Judged(byCertificate!.Status).ShouldBe(Judged((int)byToken.Status), row.ToString());
        }
    }

    /// <summary>Nodes that nobody has connected come and go between two requests; who may do what does not.</summary>
    private static int Judged(int status) => status is 401 or 403 or 404 or 501 ? status : 0;

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpClient client, DockerMatrixRow row, string prefix)
    {
        if (row.Method is not ("GET" or "HEAD"))
        {
            await world.Cluster.ResetAsync();
        }

        using var deadline = new CancellationTokenSource(Deadline);
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), row.Target(prefix));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        return (answer.StatusCode, await BodyAsync(answer, deadline.Token));
    }

    /// <summary>What a stream says goes on; the rest is read.</summary>
    private static async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentLength is null)
        {
            return "";
        }

        return Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
    }
}
