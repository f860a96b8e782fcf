using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Tests.Containers;

/// <summary>Everything that people type for a container.</summary>
public sealed class ContainerLookupTests
{
    private static readonly string First = "aaaa" + new string('1', 60);
    private static readonly string Second = "aaab" + new string('2', 60);
    private static readonly string Third = "bbbb" + new string('3', 60);

    private readonly ClusterState _state = new(TimeProvider.System);
    private readonly ContainerLookup _lookup;

    public ContainerLookupTests()
    {
        _lookup = new ContainerLookup(_state, new Authorizer(new AccessStore(new NoDatabase())));
        _state.Write(writer =>
        {
            foreach (var node in (string[])["n1", "n2"])
            {
                writer.Put(new NodeRecord
                {
                    Id = node, Name = "node-" + node[1], State = NodeState.Ready, StateSince = DateTime.UnixEpoch, Availability = NodeAvailability.Active,
                    JoinedAt = DateTime.UnixEpoch, Revision = 1, Pulse = new NodePulse(),
                });
            }

            writer.Put(Container(First, "n1", "web"));
            writer.Put(Container(Second, "n2", "web"));
            writer.Put(Container(Third, "n2", "aaaa"));
        });
    }

    [Fact]
    public void A_full_id_a_name_and_the_beginning_of_an_id_find_it()
    {
        Find(First).Value.EngineId.ShouldBe(First);
        Find("bbbb").Value.EngineId.ShouldBe(Third);
        Find(Second[..12]).Value.EngineId.ShouldBe(Second);
        Find("node-1/web").Value.EngineId.ShouldBe(First);
        Find("node-2/web").Value.EngineId.ShouldBe(Second);
    }

    [Fact]
    public void A_name_wins_over_the_beginning_of_an_id() => Find("aaaa").Value.EngineId.ShouldBe(Third);

    [Fact]
    public void What_is_ambiguous_says_so_with_the_nodes()
    {
        Find("web").Error.ShouldBeOfType<ConflictError>().Message.ShouldBe("The name web is ambiguous: it is node-1/web, node-2/web. Say which one.");
        Find("aaa").Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("container.ambiguous");
    }

    [Theory]
    [InlineData("node-1/aaaa")]
    [InlineData("node-3/web")]
    [InlineData("/web")]
    [InlineData("WEB")]
    [InlineData("cccc")]
    public void What_is_not_there_is_not_found(string text) => Find(text).Error.ShouldBeOfType<NotFoundError>().Message.ShouldBe($"No such container: {text}");

    [Fact]
    public void What_one_may_not_see_is_not_there_and_makes_nothing_ambiguous()
    {
        foreach (var text in (string[])[First, "web", "aaaa", "bbbb", "node-1/web"])
        {
            _lookup.Find(ContainerWorld.Stranger, text).Error.ShouldBeOfType<NotFoundError>().Message.ShouldBe($"No such container: {text}");
        }
    }

    [Theory]
    [InlineData("bbbb33", true)]
    [InlineData("BBBB33", true)]
    [InlineData("bbbb", false)]
    [InlineData("cccccc", false)]
    [InlineData("web-bbbb33", false)]
    public void A_name_that_looks_like_anothers_id_is_refused(string name, bool refused) => (ShortIds.Problem(name, _state.Current) is not null).ShouldBe(refused);

    private Result<ContainerRecord> Find(string text) => _lookup.Find(ContainerWorld.Admin, text);

    private static ContainerRecord Container(string id, string node, string name) => new()
    {
        Id = id, NodeId = node, Name = name, Image = "busybox", Collection = Collections.Unmanaged, CreatedAt = DateTime.UnixEpoch, Pulse = new ContainerPulse(),
        Observed = new ContainerReport { EngineId = id, Name = name, Image = "busybox", ImageId = "", Command = "", CreatedAt = DateTime.UnixEpoch, State = "running" },
    };
}
