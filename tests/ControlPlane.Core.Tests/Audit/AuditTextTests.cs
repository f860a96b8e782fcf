using ControlPlane.Core.Audit;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Audit;

public sealed class AuditTextTests
{
    [Theory, DatabaseData]
    public async Task Names_that_no_database_keeps_are_kept_as_far_as_possible(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        var nasty = "a\0b\ud800c😀\r\n\u001b[2J" + new string('x', 5000);

        await world.WriteAsync("containers.create", nasty, nasty, nasty, AuditDetails.Asked(new { Name = nasty }), AuditWorld.Admin with { RemoteAddress = nasty });
        await world.Trail.RecordAsync(AuditWorld.Stranger, "containers.create", new AuditObject("container", "", nasty), AuditTrail.Refused, nasty, default);
        await world.Writer.FlushAsync(all: true, default);

        var entries = await world.EntriesAsync();
        entries.Count.ShouldBe(2);
        entries.ShouldAllBe(entry => entry.ObjectName!.StartsWith("a\ufffdb\ufffdc😀\r\n\u001b[2Jxxx") && entry.ObjectName.EndsWith('…') && entry.ObjectName.Length == 256);
        entries.Select(entry => entry.Detail!.Length).ShouldBe([4000, 1000], ignoreOrder: true);
        await world.Sealer.SealAsync(default);
        (await world.VerifyAsync()).Intact.ShouldBeTrue();
    }

    [Theory]
    [InlineData("plain Käse 😀", "plain Käse 😀")]
    [InlineData("a\r\nb", "a\\u000d\\u000ab")]
    [InlineData("\u001b[31mred\u009b0m\u007f", "\\u001b[31mred\\u009b0m\\u007f")]
    [InlineData("exe\u202egpj.\u2066\ufeff\u200b", "exe\\u202egpj.\\u2066\\ufeff\\u200b")]
    public void What_acts_on_a_reader_is_shown_instead(string text, string shown) => AuditText.Inert(text).ShouldBe(shown);

    [Fact]
    public void A_cut_never_splits_a_character()
    {
        AuditText.Clean("aaa😀b", 5).ShouldBe("aaa…");
        AuditText.Clean("aaaaa", 5).ShouldBe("aaaaa");
        AuditText.Clean("aaaaaa", 5).ShouldBe("aaaa…");
    }

    [Fact]
    public async Task A_secret_in_a_detail_is_masked()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        await world.WriteAsync("containers.start", detail: "cannot pull https://bob:hunter2@registry/x, password=hunter2");

        (await world.EntriesAsync()).ShouldHaveSingleItem().Detail.ShouldBe("cannot pull https://bob:***@registry/x, password=***");
    }

    [Fact]
    public void Callers_never_show_details_by_accident() =>
        AuditDetails.Asked(new { Password = "hunter2" }).ToString().ShouldNotContain("hunter2");
}
