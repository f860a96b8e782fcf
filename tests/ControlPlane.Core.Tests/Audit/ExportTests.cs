using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ControlPlane.Core.Audit;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Audit;

public sealed class ExportTests
{
    private const string Nasty = "=cmd|' /C calc'!A0,\"x\"\r\nforged,row\u001b[2J";

    [Theory, DatabaseData]
    public async Task Csv_comes_back_as_it_was_and_nothing_in_it_acts(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        foreach (var name in new[] { Nasty, "+1", "-1", "@x", "＝x", "\t=1", "plain, with comma", "Käse 😀" })
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await world.WriteAsync("containers.stop", "x", name, name, AuditDetails.Asked(new { name }));
        }

        var csv = await world.ExportAsync("csv", new AuditSearch { Actions = ["containers.*"] });

        var rows = Csv(csv);
        rows.Count.ShouldBe(9);
        rows[0][9].ShouldBe("objectName");
        rows.ShouldAllBe(row => row.Count == 20);
        rows.Skip(1).Select(row => row[9]).ShouldBe(
        [
            "Käse 😀", "plain, with comma", "\\u0009=1", "'＝x", "'@x", "'-1", "'+1", "'=cmd|' /C calc'!A0,\"x\"\\u000d\\u000aforged,row\\u001b[2J",
        ]);
        csv.Where(char.IsControl).Distinct().ShouldBe(['\r', '\n']);
        rows.Skip(1).SelectMany(row => row).ShouldAllBe(cell => cell.Length == 0 || !"=+-@".Contains(cell[0]));
        JsonElement.Parse(rows[1][14]).GetProperty("name").GetString().ShouldBe("Käse 😀");
    }

    [Theory, DatabaseData]
    public async Task Json_lines_come_back_as_they_were_and_the_export_is_in_the_trail(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.WriteAsync("containers.stop", "x", Nasty, Nasty, AuditDetails.Asked(new { name = Nasty }));
        world.Clock.Advance(TimeSpan.FromSeconds(1));

        var lines = Lines(await world.ExportAsync("jsonl"));

        lines.Count.ShouldBe(2);
        lines[0].GetProperty("action").GetString().ShouldBe("audit.export");
        lines[1].GetProperty("objectName").GetString().ShouldBe(Nasty);
        JsonElement.Parse(lines[1].GetProperty("parameters").GetString()!).GetProperty("name").GetString().ShouldBe(Nasty);
        var own = (await world.EntriesAsync())[^1];
        (own.ActorName, own.Result, own.Detail).ShouldBe(("admin", "ok", "jsonl"));
    }

    [Fact]
    public async Task An_export_is_filtered_as_the_list_is_and_its_filters_are_in_the_trail()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.SealedAsync(seals: 1, each: 3);
        await world.WriteAsync("nodes.update", "n1");

        var lines = Lines(await world.ExportAsync("jsonl", new AuditSearch { Actions = ["nodes.*"] }));

        lines.ShouldHaveSingleItem().GetProperty("objectId").GetString().ShouldBe("n1");
        (await world.EntriesAsync()).Single(e => e.Action == "audit.export").ParametersJson!.ShouldContain("nodes.*");
    }

    [Theory, DatabaseData]
    public async Task The_chain_is_verified_from_the_file_alone_as_the_document_says(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.SealedAsync(seals: 3, each: 4);
        await world.WriteAsync("containers.stop", Nasty, Nasty, Nasty, AuditDetails.Changed(new { a = Nasty }, null));
        await world.Sealer.SealAsync(default);
        var head = (await world.VerifyAsync()).HeadHash;

        var lines = Lines(await world.ExportAsync("jsonl"));

        Recomputed(lines).ShouldBe(head);
        lines.Count(line => line.TryGetProperty("sealNumber", out _)).ShouldBe(4);
        var forged = lines.ConvertAll(line => line.TryGetProperty("objectId", out var id) && id.GetString() == "c1-1"
            ? JsonElement.Parse(line.GetRawText().Replace("\"ok\"", "\"failed\"", StringComparison.Ordinal))
            : line);
        Recomputed(forged).ShouldNotBe(head);
    }

    [Fact]
    public async Task Twenty_thousand_entries_leave_in_small_pieces()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await AuditRows.AddAsync(world.Database, world.Clock, 20_000);
        var export = (await world.Exports.BeginAsync(AuditWorld.Admin, new AuditSearch(), "csv", default)).Value;
        using var output = new CountingStream();

        (await export.WriteAsync(output, default)).ShouldBe(20_001);

        output.Writes.ShouldBe(21);
        output.Largest.ShouldBeLessThan(1_000_000);
        output.Lines.ShouldBe(20_002);
    }

    /// <summary>Written from docs/design/audit.md, not from the code.</summary>
    private static string Recomputed(List<JsonElement> lines)
    {
        string[] fields =
        [
            "id", "at", "actorKind", "actorId", "actorName", "credentialId", "remoteAddress", "action", "objectKind", "objectId", "objectName", "result", "detail",
            "requestId", "count", "parameters", "before", "after",
        ];
        var previous = new string('0', 64);
        foreach (var seal in lines.Where(line => line.TryGetProperty("sealNumber", out _)).OrderBy(line => line.GetProperty("sealNumber").GetInt64()))
        {
            var number = seal.GetProperty("sealNumber").GetInt64();
            using var bytes = new MemoryStream();
            string[] head =
            [
                "controlplane.audit.seal.1", number.ToString(CultureInfo.InvariantCulture), previous, seal.GetProperty("sealedAt").GetString()!,
                seal.GetProperty("entries").GetInt32().ToString(CultureInfo.InvariantCulture),
            ];
            foreach (var text in head)
            {
                Put(bytes, text);
            }

            foreach (var entry in lines.Where(line => line.TryGetProperty("seal", out var its) && its.GetInt64() == number).OrderBy(line => line.GetProperty("sealIndex").GetInt32()))
            {
                foreach (var field in fields)
                {
                    var value = entry.GetProperty(field);
                    Put(bytes, value.ValueKind == JsonValueKind.Null ? null : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.GetString());
                }
            }

            previous = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
        }

        return previous;
    }

    private static void Put(MemoryStream bytes, string? text)
    {
        Span<byte> length = stackalloc byte[4];
        var content = text is null ? [] : Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteUInt32BigEndian(length, text is null ? uint.MaxValue : (uint)content.Length);
        bytes.Write(length);
        bytes.Write(content);
    }

    private static List<JsonElement> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    /// <summary>RFC 4180.</summary>
    private static List<List<string>> Csv(string text)
    {
        var rows = new List<List<string>> { new() };
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append(text[i++]);
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && text[i] is ',' or '\r' && !quoted)
            {
                rows[^1].Add(cell.ToString());
                cell.Clear();
            }
            else if (!quoted && text[i] == '\n')
            {
                rows.Add([]);
            }
            else
            {
                cell.Append(text[i]);
            }
        }

        rows.RemoveAt(rows.Count - 1);
        return rows;
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Writes { get; private set; }

        public int Largest { get; private set; }

        public long Lines { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            Largest = Math.Max(Largest, buffer.Length);
            Lines += buffer.Span.Count((byte)'\n');
            return ValueTask.CompletedTask;
        }
    }
}
