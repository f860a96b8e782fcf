using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using static ControlPlane.Core.Tests.Images.ImageWorld;

namespace ControlPlane.Core.Tests.Images;

public sealed class ImageLoadTests
{
    private static readonly byte[] Archive = RandomNumberGenerator.GetBytes(5 * 1024 * 1024);

    [Fact]
    public async Task Every_node_gets_the_whole_archive_and_lines_that_are_alike_come_once()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        var got = new ConcurrentDictionary<string, byte[]>();
        world.Tunnels.Engine = exchange => TakeAsync(world, exchange, got);

        (await LoadAsync(world, new MemoryStream(Archive))).ShouldBeNull();

        got.Keys.ShouldBe(["n1", "n2"], ignoreOrder: true);
        got.Values.ShouldAllBe(hash => hash.SequenceEqual(SHA256.HashData(Archive)));
        world.Lines.Count(line => line.Contains("Loaded image: busybox:1", StringComparison.Ordinal)).ShouldBe(1);
        JsonElement.Parse(world.Lines.Single(line => line.Contains("Loaded", StringComparison.Ordinal))).GetProperty("stream").GetString().ShouldBe("Loaded image: busybox:1\n");
        world.Lines.ShouldContain(line => line.Contains("n1:layer", StringComparison.Ordinal));
        world.LastError.ShouldBeNull();
        (await world.Containers.AuditAsync()).Single().Detail.ShouldNotBeNull().ShouldContain("busybox:1");
    }

    [Fact]
    public async Task A_quiet_load_has_no_progress()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.Tunnels.Engine = exchange => TakeAsync(world, exchange, new());

        (await world.Loads.LoadAsync(Admin, quiet: true, new MemoryStream(Archive), world.Take, CancellationToken.None)).ShouldBeNull();

        world.Lines.Single().ShouldContain("Loaded image");
    }

    [Fact]
    public async Task A_node_that_takes_nothing_is_left_out_and_reported_and_the_others_get_everything()
    {
        await using var world = await CreateAsync(new DeadlineOptions { ImageSendSeconds = 1 });
        world.AddNode("n1");
        world.AddNode("n2");
        var got = new ConcurrentDictionary<string, byte[]>();
        world.Tunnels.Engine = exchange => exchange.Node == "n1" ? Task.CompletedTask : TakeAsync(world, exchange, got);

        (await LoadAsync(world, new MemoryStream(Archive))).ShouldBeNull();

        got["n2"].ShouldBe(SHA256.HashData(Archive));
        world.LastError.ShouldNotBeNull().ShouldStartWith("n1 took nothing");
    }

    [Fact]
    public async Task A_slow_node_holds_the_reading_back_instead_of_filling_memory()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        var go = new TaskCompletionSource();
        world.Tunnels.Engine = async exchange =>
        {
            await (exchange.Node == "n1" ? go.Task : Task.CompletedTask);
            await TakeAsync(world, exchange, new());
        };
        var archive = new CountedStream(Archive);

        var load = LoadAsync(world, archive);
        await ContainerWorld.UntilAsync(() => archive.BytesRead >= 128 * 1024);
        archive.BytesRead.ShouldBeLessThan(1024 * 1024);
        load.IsCompleted.ShouldBeFalse();
        go.SetResult();

        (await load).ShouldBeNull();
        archive.BytesRead.ShouldBe(Archive.Length);
    }

    [Fact]
    public async Task An_engine_that_refuses_is_reported_with_what_it_says()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        world.Tunnels.Engine = async exchange =>
        {
            if (exchange.Node == "n1")
            {
                await exchange.AnswerAsync(403, """{"message":"The policy of this host forbids it."}""");
                return;
            }

            await TakeAsync(world, exchange, new());
        };

        (await LoadAsync(world, new MemoryStream(Archive))).ShouldBeNull();

        world.LastError.ShouldBe("n1: The policy of this host forbids it.");
    }

    [Fact]
    public async Task Who_may_not_load_sends_for_nothing()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        await world.Containers.GrantAsync("dev", BuiltInRoles.RestrictedControlId, "/");
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.SchedulerId, "/");
        var archive = new CountedStream(Archive);

        (await world.Loads.LoadAsync(dev, false, archive, world.Take, CancellationToken.None)).ShouldBeOfType<ForbiddenError>();

        archive.BytesRead.ShouldBe(0);
        world.Tunnels.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_import_is_rebuilt_from_what_was_read()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.Sent.CopyToAsync(Stream.Null);
            world.Add("n1", Image('e', "root:1"));
            await exchange.SayAsync($$"""{"status":"{{Id('e')}}"}""");
            await exchange.EndAsync();
        };

        (await world.Loads.ImportAsync(Admin, new ImageImportRequest("root", "1", "made", ["CMD sh"], null), new MemoryStream(Archive), world.Take, CancellationToken.None)).ShouldBeNull();

        var asked = world.Tunnels.AskedOf<ImportImage>().Single();
        (asked.Repository, asked.Tag, asked.Message).ShouldBe(("docker.io/library/root", "1", "made"));
        world.Lines.Single().ShouldContain(Id('e'));
    }

    [Theory]
    [InlineData("root@sha256:0", null, "CMD sh")]
    [InlineData("Root", "1", "CMD sh")]
    [InlineData("root", "1", "LABEL controlplane.id=x")]
    public async Task An_import_that_is_not_right_is_refused(string repository, string? tag, string change)
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");

        (await world.Loads.ImportAsync(Admin, new ImageImportRequest(repository, tag, null, [change], null), Stream.Null, world.Take, CancellationToken.None)).ShouldBeOfType<InvalidError>();

        world.Tunnels.Asked.ShouldBeEmpty();
    }

    private static Task<Error?> LoadAsync(ImageWorld world, Stream archive) => world.Loads.LoadAsync(Admin, false, archive, world.Take, CancellationToken.None);

    private static async Task TakeAsync(ImageWorld world, ScriptedExchange exchange, ConcurrentDictionary<string, byte[]> got)
    {
        await exchange.SayAsync("""{"status":"Loading layer","progressDetail":{"current":1,"total":2},"id":"layer"}""");
        got[exchange.Node] = await SHA256.HashDataAsync(exchange.Sent);
        world.Add(exchange.Node, Image('1', "busybox:1"));
        await exchange.SayAsync("""{"stream":"Loaded image: busybox:1\n"}""");
        await exchange.EndAsync();
    }

    private sealed class CountedStream(byte[] bytes) : MemoryStream(bytes)
    {
        private long _read;

        public long BytesRead => Interlocked.Read(ref _read);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            Interlocked.Add(ref _read, read);
            return read;
        }
    }
}
