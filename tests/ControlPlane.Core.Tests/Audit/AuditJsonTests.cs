using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Audit;

namespace ControlPlane.Core.Tests.Audit;

public sealed class AuditJsonTests
{
    private const string Canary = "c4n4ry-hunter2";

    [Fact]
    public void Environment_values_are_masked_in_every_form_and_names_stay()
    {
        Written(new ContainerCreateRequest { Image = "nginx", Env = new Dictionary<string, string> { ["MODE"] = Canary, ["DB"] = Canary } })
            .ShouldBe("""{"image":"nginx","env":{"MODE":"***","DB":"***"}}""");
        Written(new { Env = new[] { $"MODE={Canary}", "INHERITED" } }).ShouldBe("""{"env":["MODE=***","***"]}""");
        Written(new { Environment = new[] { new { Name = "MODE", Value = Canary } } }).ShouldBe("""{"environment":[{"name":"MODE","value":"***"}]}""");
    }

    [Theory]
    [InlineData("password")]
    [InlineData("NewPassword")]
    [InlineData("bind_password")]
    [InlineData("client-secret")]
    [InlineData("clientSecret")]
    [InlineData("token")]
    [InlineData("accessToken")]
    [InlineData("apiKey")]
    [InlineData("key")]
    [InlineData("privateKey")]
    [InlineData("Authorization")]
    [InlineData("X-Registry-Auth")]
    [InlineData("registry.pass")]
    [InlineData("totp")]
    [InlineData("recoveryCodes")]
    [InlineData("splunk-token")]
    public void Fields_are_masked_by_their_names_however_deep_and_of_whatever_type(string name)
    {
        object[] values = [Canary, new[] { Canary }, new Dictionary<string, object> { ["x"] = new[] { new { y = Canary } } }, 483920];
        foreach (var value in values)
        {
            var written = Written(new { Outer = new[] { new Dictionary<string, object> { [name] = value } } });

            written.ShouldNotContain(Canary);
            written.ShouldNotContain("483920");
            written.ShouldContain("***");
        }
    }

    [Theory]
    [InlineData("tokenId")]
    [InlineData("passwordChangedAt")]
    [InlineData("secret_name")]
    [InlineData("TOKEN_EXPIRES")]
    [InlineData("publicKey")]
    [InlineData("image")]
    [InlineData("compass.north.name")]
    public void Fields_about_a_secret_stay_readable(string name) =>
        Written(new Dictionary<string, string> { [name] = "plain" }).ShouldContain("plain");

    [Fact]
    public void Whether_there_is_a_password_may_be_told()
    {
        Written(new { HasPassword = true }).ShouldBe("""{"hasPassword":true}""");
    }

    [Theory]
    [InlineData("postgres://app:c4n4ry-hunter2@db/x")]
    [InlineData("run --db-password=c4n4ry-hunter2 --fast")]
    [InlineData("Authorization: Bearer c4n4ry-hunter2-abcdef")]
    [InlineData("cpt_0123456789ab_c4n4ryhunter2")]
    [InlineData("{\"clientSecret\": \"c4n4ry-hunter2\"}")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nc4n4ryhunter2\n-----END PRIVATE KEY-----")]
    public void Texts_that_look_like_a_secret_are_masked_in_ordinary_fields(string text)
    {
        var written = Written(new { Command = new[] { "sh", text }, Note = text });

        written.Replace("-", "", StringComparison.Ordinal).ShouldNotContain("hunter2");
    }

    [Fact]
    public void The_value_after_a_flag_for_a_secret_and_beside_a_secret_name_is_masked()
    {
        Written(new { Command = new[] { "app", "--password", Canary, "--verbose", "yes" } })
            .ShouldBe("""{"command":["app","--password","***","--verbose","yes"]}""");
        Written(new { Options = new[] { new { Name = "api-token", Value = Canary } } }).ShouldBe("""{"options":[{"name":"api-token","value":"***"}]}""");
    }

    [Fact]
    public void What_is_too_large_is_cut_visibly_and_stays_valid()
    {
        object[] large =
        [
            new { Text = new string('x', 2_000_000) },
            new { Many = Enumerable.Range(0, 100_000).Select(i => $"item {i}") },
            Enumerable.Range(0, 50_000).ToDictionary(i => $"name {i}", i => new { a = i, b = new[] { "\u0001\u0002" } }),
            new { Escaped = Enumerable.Repeat(new string('\u0001', 900), 50) },
            Nested(30),
        ];
        foreach (var value in large)
        {
            var written = AuditJson.Write(value)!;

            Encoding.UTF8.GetByteCount(written).ShouldBeLessThanOrEqualTo(AuditJson.MaxBytes);
            JsonElement.Parse(written);
        }

        AuditJson.Write(large[0])!.ShouldContain("cut: 2000000 characters");
        AuditJson.Write(large[1])!.ShouldContain("more");
        AuditJson.Write(large[2])!.ShouldContain("more");
    }

    [Fact]
    public void Null_is_null_and_control_characters_are_escaped()
    {
        AuditJson.Write(null).ShouldBeNull();
        Written(new { Name = "a\r\n\u001b[31mb\u2028" }).ShouldBe("""{"name":"a\r\n\u001B[31mb\u2028"}""");
    }

    private static object Nested(int depth) => depth == 0
        ? Enumerable.Repeat("some text", 5000).ToList()
        : new Dictionary<string, object> { ["a"] = Enumerable.Repeat("filler", 40).ToList(), ["b"] = Nested(depth - 1) };

    private static string Written(object value) => AuditJson.Write(value)!;
}
