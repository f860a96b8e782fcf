using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Identity;

public sealed class DirectorySignInTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task A_name_that_is_no_local_account_is_the_directorys(DatabaseKind kind)
    {
        var directory = new FakeDirectory();
        using var world = await IdentityWorld.CreateAsync(kind, directory);
        var first = (await world.Accounts.CreateFirstAsync(None))!;

        var ticket = (await world.LoginAsync("Dana", "directory password")).Value;
        (await world.FindAsync(ticket))!.Name.ShouldBe("dana");
        (await world.LoginAsync("dana", "wrong password")).Error.ShouldBeOfType<UnauthenticatedError>().Code.ShouldBe("auth.invalid");
        (await world.LoginAsync("admin", first.Password)).IsSuccess.ShouldBeTrue();
        (await world.LoginAsync("admin", "directory password")).Error.ShouldBeOfType<UnauthenticatedError>();

        directory.Asked.ShouldBe(["Dana", "dana"]);
        await using var db = world.Database.CreateDbContext();
        var account = db.Users.Single(user => user.FoldedName == "dana");
        account.Source.ShouldBe("ldap");
        db.Sessions.Single(session => session.UserId == account.Id).Method.ShouldBe("ldap");
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("   ")]
    [InlineData("a\0b")]
    public async Task An_empty_password_never_reaches_the_directory(string? password)
    {
        var directory = new FakeDirectory();
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite, directory);

        (await world.LoginAsync("dana", password!)).Error.ShouldBeOfType<UnauthenticatedError>();

        directory.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_directory_that_is_away_or_off_refuses_and_says_so()
    {
        var directory = new FakeDirectory { Answer = _ => Task.FromResult<Result<ExternalPerson>>(new UnavailableError("directory.unavailable", "no route")) };
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite, directory);

        (await world.LoginAsync("dana", "directory password")).Error.ShouldBeOfType<UnavailableError>().Code.ShouldBe("auth.directory_unavailable");
        directory.IsEnabled = false;
        (await world.LoginAsync("dana", "directory password")).Error.ShouldBeOfType<UnauthenticatedError>();
        directory.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_directory_that_hangs_delays_no_local_account_and_is_asked_sixteen_times_at_most()
    {
        var hung = new TaskCompletionSource<Result<ExternalPerson>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var directory = new FakeDirectory { Answer = _ => hung.Task };
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite, directory);
        var first = (await world.Accounts.CreateFirstAsync(None))!;

        var waiting = Enumerable.Range(0, 50).Select(at => world.LoginAsync($"person{at}", "directory password", $"10.3.0.{at}")).ToList();
        await directory.CalledAsync(DirectorySignIn.Parallel);
        (await world.LoginAsync("admin", first.Password)).IsSuccess.ShouldBeTrue();
        waiting.ShouldAllBe(login => !login.IsCompleted);
        directory.Asked.Count.ShouldBe(DirectorySignIn.Parallel);

        // Whoever had no place gives up first, then whoever waits for an answer that does not heed its cancellation.
        var all = Task.WhenAll(waiting);
        while (!all.IsCompleted)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(all, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, None));
        }

        (await all).ShouldAllBe(end => end.Error!.Code == "auth.directory_unavailable");
        directory.Asked.Count.ShouldBe(DirectorySignIn.Parallel);
    }

    private sealed class FakeDirectory : IDirectoryPasswords
    {
        private readonly Lock _sync = new();
        private readonly List<string> _asked = [];
        private readonly SemaphoreSlim _called = new(0);

        public bool IsEnabled { get; set; } = true;

        public Func<string, Task<Result<ExternalPerson>>>? Answer { get; init; }

        public IReadOnlyList<string> Asked
        {
            get
            {
                lock (_sync)
                {
                    return [.. _asked];
                }
            }
        }

        public async Task CalledAsync(int times)
        {
            for (var at = 0; at < times; at++)
            {
                (await _called.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
            }
        }

        public Task<Result<ExternalPerson>> CheckAsync(string name, string password, CancellationToken cancellationToken)
        {
            lock (_sync)
            {
                _asked.Add(name);
            }

            _called.Release();
            return Answer?.Invoke(name) ?? Task.FromResult<Result<ExternalPerson>>(password == "directory password"
                ? new ExternalPerson { Issuer = "ldap", Subject = "1", Source = "ldap", MembershipSource = "ldap", Name = name.ToLowerInvariant(), TeamIds = [] }
                : new UnauthenticatedError("auth.invalid", "something else"));
        }
    }
}
