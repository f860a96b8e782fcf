using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Tests.Containers;

public sealed class ContainerListTests
{
    private readonly ClusterState _state = new(TimeProvider.System);
    private readonly ContainerQueries _queries;

    public ContainerListTests() => _queries = new ContainerQueries(_state, new Authorizer(new AccessStore(new NoDatabase())), new NoDatabase());

    [Theory]
    [InlineData(null, false)]
    [InlineData("created", true)]
    [InlineData("created", false)]
    [InlineData("name", false)]
    [InlineData("state", true)]
    public void Pages_together_are_the_whole_list_in_order(string? sort, bool descending)
    {
        Fill(50);
        var list = new ListRequest { Limit = 7, SortKey = sort, Descending = descending };

        var seen = Read(list);

        seen.Count.ShouldBe(50);
        seen.Distinct().Count().ShouldBe(50);
        var all = _queries.List(ContainerWorld.Admin, new ContainerFilter { List = list with { Limit = 500 } }).Value;
        all.Total.ShouldBe(50);
        seen.ShouldBe(all.Items.Select(container => container.Name));
    }

    [Fact]
    public void Newest_come_first_and_what_arrives_or_goes_shifts_no_page()
    {
        Fill(20);
        var first = _queries.List(ContainerWorld.Admin, new ContainerFilter { List = new ListRequest { Limit = 10 } }).Value;
        first.Items[0].Name.ShouldBe("c19");

        _state.Write(writer =>
        {
            writer.Put(Container(99));
            writer.RemoveContainer(first.Items[9].Id, "test");
        });

        var second = _queries.List(ContainerWorld.Admin, new ContainerFilter { List = new ListRequest { Limit = 10, Cursor = first.NextCursor } }).Value;
        second.Items.Select(container => container.Name).ShouldBe(Enumerable.Range(0, 10).Reverse().Select(i => $"c{i:00}"));
        second.Total.ShouldBe(20);
    }

    [Fact]
    public void A_filter_counts_what_matches()
    {
        Fill(30);

        var running = _queries.List(ContainerWorld.Admin, new ContainerFilter { States = ["running"], List = new ListRequest { Limit = 4 } }).Value;

        running.Total.ShouldBe(15);
        running.Items.ShouldAllBe(container => container.State == "running");
    }

    [Fact]
    public void A_stranger_sees_none_and_no_total()
    {
        Fill(5);

        var page = _queries.List(ContainerWorld.Stranger, new ContainerFilter()).Value;

        page.Items.ShouldBeEmpty();
        page.Total.ShouldBe(0);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAA")]
    public void A_cursor_of_somebody_else_is_refused(string cursor) =>
        _queries.List(ContainerWorld.Admin, new ContainerFilter { List = new ListRequest { Cursor = cursor } }).Error.ShouldBeOfType<InvalidError>().Fields[0].Field.ShouldBe("cursor");

    private List<string> Read(ListRequest list)
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = _queries.List(ContainerWorld.Admin, new ContainerFilter { List = list with { Cursor = cursor } }).Value;
            seen.AddRange(page.Items.Select(container => container.Name));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return seen;
    }

    private void Fill(int count) => _state.Write(writer =>
    {
        for (var i = 0; i < count; i++)
        {
            writer.Put(Container(i));
        }
    });

    private static ContainerRecord Container(int i)
    {
        // Two and two are made at the same moment: the id decides.
        var at = DateTime.UnixEpoch.AddDays(20000).AddMinutes(i / 2);
        var id = $"{i:x4}".PadRight(64, '0');
        return new ContainerRecord
        {
            Id = id,
            NodeId = "n1",
            Name = $"c{i:00}",
            Image = "busybox",
            Collection = i % 3 == 0 ? Collections.Unmanaged : Collections.Shared,
            CreatedAt = at,
            Pulse = new ContainerPulse(),
            Observed = new ContainerReport
            {
                EngineId = id, Name = $"c{i:00}", Image = "busybox", ImageId = "sha256:1", Command = "sh", CreatedAt = at, State = i % 2 == 0 ? "running" : "exited",
            },
        };
    }
}
