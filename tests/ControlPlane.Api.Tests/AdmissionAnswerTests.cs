using System.Net;
using System.Text;

namespace ControlPlane.Api.Tests;

/// <summary>How a refusal of admission looks from outside.</summary>
public sealed class AdmissionAnswerTests
{
    [Fact]
    public async Task A_refusal_is_403_with_every_field_and_its_reason()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        using var content = new StringContent(
            """{"image":"busybox:1","collection":"/nowhere","labels":{"com.docker.ucp.access.owner":"me"}}""", Encoding.UTF8, "application/json");

        var answer = await admin.PostAsync("/api/v1/containers", content);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.CodeAsync()).ShouldBe("admission.refused");
        var errors = (await answer.JsonAsync()).GetProperty("errors");
        errors.EnumerateObject().Select(field => field.Name).ShouldBe(["collection", "labels[\"com.docker.ucp.access.owner\"]"], ignoreOrder: true);
        errors.GetProperty("collection")[0].GetString()!.ShouldContain("/nowhere does not exist");
    }
}
