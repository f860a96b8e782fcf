using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Engine.Images;
using static ControlPlane.Core.Tests.Images.ImageWorld;

namespace ControlPlane.Core.Tests.Images;

public sealed class ImageChangeTests
{
    [Fact]
    public async Task A_tag_is_given_on_every_node_that_has_the_image()
    {
        await using var world = await CreateAsync();
        var first = world.AddNode("n1", Image('a', "busybox:1"));
        var second = world.AddNode("n2", Image('b', "busybox:1"));
        var third = world.AddNode("n3", Image('c', "nginx:1"));

        (await world.Changes.TagAsync(Admin, "busybox:1", "r.example.com/mine", "2", CancellationToken.None)).IsSuccess.ShouldBeTrue();

        var (one, two) = (first.Received.OfType<TagImage>().Single(), second.Received.OfType<TagImage>().Single());
        (one.Reference, one.Repository, one.Tag).ShouldBe((Id('a'), "r.example.com/mine", "2"));
        two.Reference.ShouldBe(Id('b'));
        third.Received.ShouldBeEmpty();
        (await world.Containers.AuditAsync()).Single().Action.ShouldBe("images.tag");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("Mine", "1")]
    [InlineData("mine:1", "2")]
    [InlineData("mine", "1/b")]
    [InlineData("mine", "1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("mine@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", null)]
    public async Task A_new_name_that_is_none_is_refused(string repository, string? tag)
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1", Image('a', "busybox:1"));

        (await world.Changes.TagAsync(Admin, "busybox:1", repository, tag, CancellationToken.None)).Error.ShouldBeOfType<InvalidError>();

        agent.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removal_takes_it_from_every_node_and_merges_what_they_say()
    {
        await using var world = await CreateAsync();
        var agents = new[] { world.AddNode("n1", Image('a', "busybox:1")), world.AddNode("n2", Image('a', "busybox:1")) };
        foreach (var agent in agents)
        {
            agent.Script = command => Done(command, $$"""[{"Untagged":"busybox:1"},{"Deleted":"{{Id('a')}}"}]""");
        }

        var removed = await world.Changes.RemoveAsync(Admin, "busybox:1", force: true, noPrune: true, CancellationToken.None);

        removed.Value.ShouldBe([new ImageRemoval("busybox:1", null), new ImageRemoval(null, Id('a'))]);
        var command = agents[0].Received.OfType<RemoveImage>().Single();
        (command.Reference, command.Force, command.NoPrune).ShouldBe(("docker.io/library/busybox:1", true, true));
    }

    [Fact]
    public async Task A_conflict_on_one_node_is_an_error_that_names_it()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1")).Script = command => Done(command, """[{"Untagged":"busybox:1"}]""");
        world.AddNode("n2", Image('a', "busybox:1")).Script = command => Failed(command, 409, "conflict: a container uses it");
        world.AddNode("n3", Image('a', "busybox:1")).Script = command => Failed(command, 404, "No such image");

        var error = (await world.Changes.RemoveAsync(Admin, "busybox:1", false, false, CancellationToken.None)).Error.ShouldBeOfType<EngineError>();

        (error.EngineStatus, error.Message).ShouldBe((409, "n2: conflict: a container uses it"));
        var entry = (await world.Containers.AuditAsync()).Single();
        (entry.Result, entry.Detail).ShouldBe(("failed", "on n1; n2: conflict: a container uses it"));
    }

    [Fact]
    public async Task An_id_is_sent_whole()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1", Image('a', "busybox:1"));

        await world.Changes.RemoveAsync(Admin, "aaaa", false, false, CancellationToken.None);

        agent.Received.OfType<RemoveImage>().Single().Reference.ShouldBe(Id('a'));
    }

    [Fact]
    public async Task Rights_count_on_the_collection_of_the_node()
    {
        await using var world = await CreateAsync();
        var mine = world.AddNode("n1", Image('a', "busybox:1"));
        var theirs = world.AddNode("n2", Image('a', "busybox:1"));
        await world.Containers.CollectionAsync("/theirs");
        world.Change("n2", node => node with { Collection = "/theirs" });
        await world.Containers.GrantAsync("dev", BuiltInRoles.ViewOnlyId, "/");
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.FullControlId, "/Shared");
        var viewer = await world.Containers.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/");

        (await world.Changes.RemoveAsync(dev, "busybox:1", false, false, CancellationToken.None)).IsSuccess.ShouldBeTrue();
        (await world.Changes.RemoveAsync(viewer, "busybox:1", false, false, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();

        mine.Received.OfType<RemoveImage>().Count().ShouldBe(1);
        theirs.Received.ShouldBeEmpty();
        (await world.Containers.AuditAsync()).Select(entry => entry.Result).ShouldBe(["ok", "refused"]);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_an_error_at_once()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1", Image('a', "busybox:1"));
        world.Change("n1", node => node with { State = NodeState.EngineDown, StateReason = "engine gone" });

        (await world.Changes.RemoveAsync(Admin, "busybox:1", false, false, CancellationToken.None)).Error.ShouldBeOfType<UnavailableError>().Message.ShouldContain("engine gone");

        agent.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_prune_spares_what_any_container_of_the_node_has()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1", Image('a'), Image('b'), Image('c', "tagged:1"));
        agent.Script = command => Done(command, $$"""[{"Deleted":"{{((RemoveImage)command).Reference}}"}]""");
        Use(world, "n1", Id('a'), "/Unmanaged");

        var pruned = await world.Pruning.PruneAsync(Admin, new ImageFilter(), CancellationToken.None);

        pruned.Value.Removed.ShouldBe([new ImageRemoval(null, Id('b'))]);
        pruned.Value.SpaceReclaimed.ShouldBe(1000);
        agent.Received.OfType<RemoveImage>().Select(command => (command.Reference, command.Force)).ShouldBe([(Id('b'), false)]);
    }

    [Fact]
    public async Task A_prune_of_all_takes_names_one_by_one_and_spares_images_of_containers_under_way()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1", Image('a', "one:1", "two:1"), Image('b', "coming:1"));
        world.Containers.State.Write(writer => writer.Put(new ContainerRecord
        {
            Id = new string('9', 64), NodeId = "n1", Name = "x", Image = "coming:1", Collection = "/Shared", CreatedAt = DateTime.UnixEpoch, Pulse = new ContainerPulse(),
            Observed = null,
            Intent = new ContainerIntent { Name = "x", Phase = Core.Data.ContainerPhase.Creating, Owner = "o", Generation = 1, Revision = 1, Demand = new Core.Containers.Admission.SpecDemand(0, 0, []) },
        }));

        await world.Pruning.PruneAsync(Admin, new ImageFilter { IsDangling = false }, CancellationToken.None);

        agent.Received.OfType<RemoveImage>().Select(command => command.Reference).ShouldBe(["docker.io/library/one:1", "docker.io/library/two:1"]);
    }

    [Fact]
    public async Task A_prune_leaves_nodes_alone_on_which_the_caller_may_not()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1", Image('a'));
        await world.Containers.CollectionAsync("/mine");
        await world.Containers.GrantAsync("dev", BuiltInRoles.FullControlId, "/mine");
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.ViewOnlyId, "/");

        (await world.Pruning.PruneAsync(dev, new ImageFilter(), CancellationToken.None)).Value.Removed.ShouldBeEmpty();
        (await world.Pruning.PruneAsync(ContainerWorld.Stranger, new ImageFilter(), CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();

        agent.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_commit_goes_to_the_containers_node_and_answers_with_the_image()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1");
        await world.Containers.CreateAsync(new ContainerCreateRequest { Name = "web", Image = "busybox" });
        agent.Script = command => Done(command, $$"""{"Id":"{{Id('f')}}"}""");

        var made = await world.Commits.CommitAsync(Admin, new CommitSpec { Container = "web", Repo = "mine", Tag = "1", Changes = "CMD sh" }, CancellationToken.None);

        made.Value.ShouldBe(Id('f'));
        var command = agent.Received.OfType<CommitContainer>().Single();
        (command.EngineId, command.Repository, command.Tag, command.Changes, command.Pause).ShouldBe((agent.Engine.Keys.Single(), "mine", "1", "CMD sh", true));
    }

    [Fact]
    public async Task A_commit_gives_a_name_only_where_the_caller_may_tag()
    {
        await using var world = await CreateAsync();
        var agent = world.AddNode("n1");
        await world.Containers.CreateAsync(new ContainerCreateRequest { Name = "web", Image = "busybox" });
        await world.Containers.CollectionAsync("/nodes");
        world.Change("n1", node => node with { Collection = "/nodes" });
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.FullControlId, "/Shared");
        agent.Script = command => Done(command, $$"""{"Id":"{{Id('f')}}"}""");

        (await world.Commits.CommitAsync(dev, new CommitSpec { Container = "web", Repo = "nginx" }, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Commits.CommitAsync(dev, new CommitSpec { Container = "web" }, CancellationToken.None)).IsSuccess.ShouldBeTrue();

        agent.Received.OfType<CommitContainer>().Single().Repository.ShouldBeNull();
    }

    [Fact]
    public async Task The_builders_caches_of_all_nodes_are_emptied()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1").Script = command => Done(command, """{"CachesDeleted":["x"],"SpaceReclaimed":5}""");
        world.AddNode("n2").Script = command => Done(command, """{"CachesDeleted":["y"],"SpaceReclaimed":7}""");

        var pruned = await world.Cache.PruneAsync(Admin, all: true, CancellationToken.None);

        pruned.Value.Deleted.ShouldBe(["x", "y"]);
        pruned.Value.SpaceReclaimed.ShouldBe(12);
    }

    internal static void Use(ImageWorld world, string node, string imageId, string collection) => world.Containers.State.Write(writer => writer.Put(new ContainerRecord
    {
        Id = new string('8', 64),
        NodeId = node,
        Name = "user",
        Image = "x",
        Collection = collection,
        CreatedAt = DateTime.UnixEpoch,
        Pulse = new ContainerPulse(),
        Observed = new ContainerReport { EngineId = new string('8', 64), Name = "user", Image = "x", ImageId = imageId, Command = "", CreatedAt = DateTime.UnixEpoch, State = "exited" },
    }));

    private static CommandResult Done(AgentCommand command, string body) => new() { CommandId = command.Id, Outcome = CommandOutcome.Done, Body = body };

    private static CommandResult Failed(AgentCommand command, int status, string text) =>
        new() { CommandId = command.Id, Outcome = CommandOutcome.Failed, EngineStatus = status, Code = status == 404 ? "image.not_found" : "engine.refused", Message = text };
}
