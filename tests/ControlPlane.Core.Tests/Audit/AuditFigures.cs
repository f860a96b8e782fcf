using System.Diagnostics;
using System.Globalization;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Audit;

/// <summary>How long it takes, on this machine: run by name with <c>-explicit only</c>. AUDIT_ROWS sets the entries to verify and export.</summary>
public sealed class AuditFigures(ITestOutputHelper output)
{
    private const int Changes = 500;
    private const int Refusals = 200_000;

    [Theory(Explicit = true), DatabaseData]
    public async Task Sealing_verifying_and_exporting(DatabaseKind kind)
    {
        var rows = int.Parse(Environment.GetEnvironmentVariable("AUDIT_ROWS") ?? "1000000", CultureInfo.InvariantCulture);
        using var world = await AuditWorld.CreateAsync(kind);
        await AuditRows.AddAsync(world.Database, world.Clock, 100_000);
        var watch = Stopwatch.StartNew();
        await SealAllAsync(world);
        output.WriteLine($"{kind}: sealing 100,000 entries {watch.Elapsed.TotalSeconds:0.00} s");

        world.Clock.Advance(TimeSpan.FromHours(1));
        await AuditRows.AddAsync(world.Database, world.Clock, rows - 100_000);
        await SealAllAsync(world);
        watch.Restart();
        (await world.VerifyAsync()).ShouldSatisfyAllConditions(v => v.Intact.ShouldBeTrue(), v => v.Entries.ShouldBe(rows));
        output.WriteLine($"{kind}: verifying {rows} entries {watch.Elapsed.TotalSeconds:0.00} s");

        foreach (var format in new[] { "csv", "jsonl" })
        {
            var export = (await world.Exports.BeginAsync(AuditWorld.Admin, new AuditSearch(), format, default)).Value;
            watch.Restart();
            var before = GC.GetTotalAllocatedBytes();
            var written = await export.WriteAsync(Stream.Null, default);
            output.WriteLine($"{kind}: {format} {written / watch.Elapsed.TotalSeconds:0} entries/s, {(GC.GetTotalAllocatedBytes() - before) / written} B allocated each");
        }

        output.WriteLine($"{kind}: peak working set {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MiB");
        watch.Restart();
        await world.Log.SearchAsync(AuditWorld.Admin, new AuditSearch { Actions = ["containers.*"] }, null, 50, default);
        output.WriteLine($"{kind}: first page by action {watch.Elapsed.TotalMilliseconds:0} ms");
        watch.Restart();
        await world.Log.SearchAsync(AuditWorld.Admin, new AuditSearch { Text = "no such word" }, null, 50, default);
        output.WriteLine($"{kind}: a word that is nowhere {watch.Elapsed.TotalMilliseconds:0} ms");
    }

    [Theory(Explicit = true), DatabaseData]
    public async Task A_change_with_its_entry(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        var request = new ContainerCreateRequest
        {
            Name = "web", Image = "registry.example/web:1.2.3", Command = ["serve", "--port", "8080"],
            Env = Enumerable.Range(0, 20).ToDictionary(i => $"SETTING_{i}", i => $"value {i}"), Labels = new Dictionary<string, string> { ["tier"] = "web" },
        };
        var target = new AuditObject("container", new string('a', 64), "web");
        for (var round = 0; round < 2; round++)
        {
            await ChangeAsync(world, "without entry", null);
            await ChangeAsync(world, "with entry", db => world.Trail.Add(db, AuditWorld.Admin, Permission.ContainersCreate, target));
            await ChangeAsync(world, "with entry and parameters", db => world.Trail.Add(db, AuditWorld.Admin, Permission.ContainersCreate, target, details: AuditDetails.Asked(request)));
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < 10_000; i++)
            {
                AuditJson.Write(request);
            }

            output.WriteLine($"{kind}: writing parameters alone {watch.Elapsed.TotalMicroseconds / 10_000:0.0} µs");
        }
    }

    [Fact(Explicit = true)]
    public async Task A_refusal()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        foreach (var trail in new[] { new AuditTrail(world.Database, world.Clock), world.Trail })
        {
            var count = trail == world.Trail ? Refusals : Changes;
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < count; i++)
            {
                await trail.RecordAsync(AuditWorld.Stranger, Permission.UsersCreate, new AuditObject("user", "x"), AuditTrail.Refused, "You need the right users.create on /System.", default);
            }

            output.WriteLine($"{(trail == world.Trail ? "written behind" : "written at once")}: {watch.Elapsed.TotalMicroseconds / count:0.00} µs each");
        }
    }

    private async Task ChangeAsync(AuditWorld world, string what, Action<ControlPlaneDb>? entry)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Changes; i++)
        {
            await using var db = world.Database.CreateDbContext();
            db.Events.Add(new EventEntity { Id = Guid.CreateVersion7(), At = world.Clock.GetUtcNow().UtcDateTime, Kind = "test", Text = "change" });
            entry?.Invoke(db);
            await db.SaveChangesAsync();
        }

        output.WriteLine($"{world.Database.Kind}: {what} {watch.Elapsed.TotalMicroseconds / Changes:0} µs");
    }

    private static async Task SealAllAsync(AuditWorld world)
    {
        while (await world.Sealer.SealAsync(CancellationToken.None) > 0)
        {
            // All of them.
        }
    }
}
