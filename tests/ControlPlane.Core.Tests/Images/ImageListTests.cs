using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using static ControlPlane.Core.Tests.Images.ImageWorld;

namespace ControlPlane.Core.Tests.Images;

public sealed class ImageListTests
{
    [Fact]
    public async Task An_image_on_two_nodes_is_one_with_the_names_of_both()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:latest"));
        world.AddNode("n2", Image('a', "busybox:1"), Image('b', "nginx:1"));

        var images = List(world);

        images.Select(image => image.Id).ShouldBe([Id('a'), Id('b')], ignoreOrder: true);
        var busybox = images.Single(image => image.Id == Id('a'));
        busybox.Tags.ShouldBe(["busybox:1", "busybox:latest"]);
        busybox.Nodes.ShouldBe(["n1", "n2"]);
        busybox.SizeBytes.ShouldBe(1000);
    }

    [Theory]
    [InlineData("reference", "busy*", "a")]
    [InlineData("reference", "busybox:?", "a")]
    [InlineData("reference", "*", "a")]
    [InlineData("reference", "*/*/*", "b")]
    [InlineData("reference", "r.example.com/[s-u]eam/*", "b")]
    [InlineData("reference", "nothing", "")]
    [InlineData("label", "tier", "b")]
    [InlineData("label", "tier=web", "b")]
    [InlineData("label", "tier=db", "")]
    [InlineData("label!", "tier", "ac")]
    [InlineData("dangling", "true", "c")]
    [InlineData("dangling", "false", "ab")]
    [InlineData("node", "n2", "b")]
    [InlineData("before", "busybox:1", "b")]
    [InlineData("since", "busybox:1", "c")]
    [InlineData("until", "2024-01-01T12:00:00Z", "ab")]
    public async Task A_filter_leaves(string filter, string value, string ids)
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"), Image('c') with { CreatedAt = new DateTime(2024, 1, 2, 0, 0, 0, DateTimeKind.Utc) });
        world.AddNode("n2", Image('b', "r.example.com/team/app:2") with { Labels = new Dictionary<string, string> { ["tier"] = "web" }, CreatedAt = new DateTime(2023, 1, 1, 0, 0, 0, DateTimeKind.Utc) });

        List(world, (filter, value)).Select(image => image.Id).ShouldBe(ids.Select(Id), ignoreOrder: true);
    }

    [Theory]
    [InlineData("reference", "[a")]
    [InlineData("reference", "a\\")]
    [InlineData("reference", "")]
    [InlineData("dangling", "perhaps")]
    [InlineData("until", "tomorrow")]
    public void A_filter_that_means_nothing_is_refused(string filter, string value) =>
        Filter((filter, value)).Error.ShouldBeOfType<InvalidError>();

    [Theory]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("90s", 90)]
    public void A_duration_counts_back_from_now(string text, int seconds)
    {
        var now = new DateTime(2024, 5, 1, 0, 0, 0, DateTimeKind.Utc);
        ImageFilter.Read(new Dictionary<string, IReadOnlyList<string>> { ["until"] = [text] }, now).Value.CreatedUntil.ShouldBe(now.AddSeconds(-seconds));
    }

    [Fact]
    public async Task Nodes_out_of_sight_do_not_exist()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"));
        world.AddNode("n2", Image('b', "secret:1"));
        await world.Containers.CollectionAsync("/hidden");
        world.Change("n2", node => node with { Collection = "/hidden" });
        var viewer = await world.Containers.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/Shared");

        world.Queries.List(viewer, new ImageFilter()).Value.Select(image => image.Id).ShouldBe([Id('a')]);
        var unseen = world.Queries.Find(viewer, "secret:1").Error.ShouldBeOfType<NotFoundError>();
        unseen.Message.ShouldBe(world.Queries.Find(viewer, "nothing:1").Error!.Message.Replace("nothing", "secret", StringComparison.Ordinal));
        world.Queries.Find(viewer, Id('b')).Error.ShouldBeOfType<NotFoundError>();
        world.Queries.Find(viewer, "bbbb").Error.ShouldBeOfType<NotFoundError>();
    }

    [Fact]
    public async Task A_stranger_is_refused()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"));

        world.Queries.List(ContainerWorld.Stranger, new ImageFilter()).Error.ShouldBeOfType<ForbiddenError>();
    }

    [Fact]
    public async Task Nodes_that_are_down_hold_nothing()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"));
        world.Change("n1", node => node with { State = NodeState.Down });

        List(world).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("busybox")]
    [InlineData("busybox:latest")]
    [InlineData("docker.io/library/busybox")]
    [InlineData("busybox@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("ab1")]
    [InlineData("sha256:ab1")]
    public async Task An_image_is_found_by(string name)
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", new Contracts.Agents.ImageReport("sha256:ab1" + new string('0', 61), ["busybox:latest"], ["busybox@" + Digest('d')], 1, DateTime.UnixEpoch));

        world.Queries.Find(Admin, name).Value.Held.Single().Node.Name.ShouldBe("n1");
    }

    [Fact]
    public async Task A_beginning_of_several_ids_is_ambiguous_and_says_so()
    {
        await using var world = await CreateAsync();
        var (one, two) = ("sha256:ab1" + new string('0', 61), "sha256:ab2" + new string('0', 61));
        world.AddNode("n1", Image('a') with { Id = one }, Image('a') with { Id = two });

        var error = world.Queries.Find(Admin, "ab").Error.ShouldBeOfType<InvalidError>();
        error.Message.ShouldContain("ambiguous");
        error.Message.ShouldContain("ab1000000000");
        world.Queries.Find(Admin, "ab2").Value.Held.Single().Image.Id.ShouldBe(two);
    }

    [Fact]
    public async Task A_name_goes_before_the_beginning_of_an_id()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "x:1"), Image('b', "aaaa:latest"));

        world.Queries.Find(Admin, "aaaa").Value.Held.Single().Image.Id.ShouldBe(Id('b'));
    }

    private static IReadOnlyList<ImageSummary> List(ImageWorld world, params (string Name, string Value)[] filters) =>
        world.Queries.List(Admin, Filter(filters).Value).Value;

    private static Result<ImageFilter> Filter(params (string Name, string Value)[] filters) => ImageFilter.Read(
        filters.ToDictionary(filter => filter.Name, filter => (IReadOnlyList<string>)[filter.Value], StringComparer.Ordinal), new DateTime(2024, 5, 1, 0, 0, 0, DateTimeKind.Utc));
}
