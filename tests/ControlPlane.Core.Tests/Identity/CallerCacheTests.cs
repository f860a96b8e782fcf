using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Identity;

public sealed class CallerCacheTests
{
    private static readonly Caller Known = new() { Kind = CallerKind.Token, Id = "u1", Name = "ann", IsAdministrator = false, CredentialId = "t1", RequestId = "" };

    private readonly FakeTimeProvider _clock = new();
    private readonly CallerCache _cache;

    public CallerCacheTests()
    {
        _cache = new CallerCache(_clock);
        _cache.Put("key", Known, DateTimeOffset.MaxValue, _cache.Generation);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_was_known_stays_known_while_the_database_fails()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));

        (await _cache.AskAsync("key", _ => throw new TimeoutException(), Cancellation)).ShouldBe(Known);
        _cache.Find("key").ShouldBe(Known);
    }

    [Fact]
    public async Task A_database_that_hangs_is_waited_for_a_second_only()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        var never = new TaskCompletionSource<Caller?>();

        var asked = _cache.AskAsync("key", _ => never.Task, Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(1));

        (await asked).ShouldBe(Known);
    }

    [Fact]
    public async Task After_ten_minutes_nobody_is_known_any_more()
    {
        _clock.Advance(TimeSpan.FromMinutes(10));

        await Should.ThrowAsync<TimeoutException>(() => _cache.AskAsync("key", _ => throw new TimeoutException(), Cancellation));
    }

    [Fact]
    public async Task Nobody_new_is_let_in()
    {
        await Should.ThrowAsync<TimeoutException>(() => _cache.AskAsync("other", _ => throw new TimeoutException(), Cancellation));
    }

    [Fact]
    public async Task Who_was_revoked_is_not_remembered()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        _cache.RemoveCredential("t1");

        await Should.ThrowAsync<TimeoutException>(() => _cache.AskAsync("key", _ => throw new TimeoutException(), Cancellation));
    }

    [Fact]
    public async Task Whom_the_database_knows_no_more_is_forgotten()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));

        (await _cache.AskAsync("key", _ => Task.FromResult<Caller?>(null), Cancellation)).ShouldBeNull();

        await Should.ThrowAsync<TimeoutException>(() => _cache.AskAsync("key", _ => throw new TimeoutException(), Cancellation));
    }
}
