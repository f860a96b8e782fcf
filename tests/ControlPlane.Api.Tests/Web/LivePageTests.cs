using ControlPlane.Api.Live;
using ControlPlane.Contracts.Live;
using ControlPlane.Core.Access;
using ControlPlane.Core.State;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Api.Tests.Web;

public sealed class LivePageTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeClient _client = new();

    [Fact]
    public void The_first_change_is_told_at_once_and_the_next_ones_together_after_the_pause()
    {
        var page = Page("a", "b");
        page.Offer(Change("a"));

        Take(page)!.Containers.ShouldBe(["a"]);
        page.Offer(Change("a"));
        page.Offer(Change("b"));
        page.Offer(Change("a"));
        Take(page).ShouldBeNull();
        _clock.Advance(LivePage.Pause);

        Take(page)!.Containers.ShouldBe(["a", "b"], ignoreOrder: true);
        Take(page).ShouldBeNull();
    }

    [Fact]
    public void A_page_gets_ten_messages_a_second_however_much_changes()
    {
        var page = Page("a");
        var told = 0;
        for (var millisecond = 0; millisecond < 1000; millisecond += 5)
        {
            page.Offer(Change("a"));
            told += Take(page) is null ? 0 : 1;
            _clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        told.ShouldBe(10);
    }

    [Fact]
    public void After_missed_changes_everything_shown_is_told()
    {
        var page = Page("a", "b");

        page.OfferAll();

        Take(page)!.Containers.ShouldBe(["a", "b"], ignoreOrder: true);
    }

    [Fact]
    public void Rows_that_are_not_shown_are_not_told()
    {
        var page = Page("a");
        page.Offer(Change("b"));

        page.Due().ShouldBeNull();
    }

    [Fact]
    public void New_rows_are_told_only_to_pages_that_show_their_list()
    {
        var detail = Page("a");
        var list = new LivePage("2", _client, (_, _) => true);
        list.Watch(new LiveWatch(["a"], [], [], ["containers"]));
        detail.Offer(Change("new", ChangeKind.Added));
        list.Offer(Change("new", ChangeKind.Added));

        detail.Due().ShouldBeNull();
        Take(list)!.AddedContainers.ShouldBe(["new"]);
    }

    [Fact]
    public void A_removed_row_is_told_as_removed()
    {
        var page = Page("a");
        page.Offer(Change("a", ChangeKind.Removed));

        Take(page)!.Removed.ShouldBe(["a"]);
    }

    [Fact]
    public void What_the_caller_may_not_see_is_never_told()
    {
        var page = new LivePage("1", _client, (_, collection) => collection != Collections.Unmanaged);
        page.Watch(new LiveWatch(["a"], [], [], ["containers", "overview"]));
        page.Offer(Change("a"));
        page.Offer(Change("new", ChangeKind.Added));

        page.Due().ShouldBeNull();
    }

    [Fact]
    public async Task While_a_message_is_on_its_way_changes_wait_for_the_next_one()
    {
        var page = Page("a", "b");
        page.Offer(Change("a"));
        var sent = new TaskCompletionSource();
        _client.Pending = sent.Task;
        var sending = page.TellAsync(Take(page)!);
        page.Offer(Change("b"));
        _clock.Advance(LivePage.Pause);

        Take(page).ShouldBeNull();
        sent.SetResult();
        await sending;

        Take(page)!.Containers.ShouldBe(["b"]);
        _client.Told.Count.ShouldBe(1);
    }

    private LivePage Page(params string[] containers)
    {
        var page = new LivePage("1", _client, (_, _) => true);
        page.Watch(new LiveWatch(containers, [], [], []));
        return page;
    }

    private LiveChanges? Take(LivePage page) => page.Take(_clock.GetUtcNow(), 0);

    private StateChange Change(string id, ChangeKind kind = ChangeKind.Updated) =>
        new(1, _clock.GetUtcNow().UtcDateTime, ObjectKind.Container, kind, id, "node", Collections.Unmanaged, new object(), "");

    private sealed class FakeClient : ILiveClient
    {
        public List<LiveChanges> Told { get; } = [];

        public Task Pending { get; set; } = Task.CompletedTask;

        public Task Changed(LiveChanges changes)
        {
            Told.Add(changes);
            return Pending;
        }

        public Task Numbers(LiveNumbers numbers) => Task.CompletedTask;
    }
}
