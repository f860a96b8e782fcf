using System.Diagnostics;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>A real slapd that freezes and dies.</summary>
public sealed class OpenLdapFaultTests
{
    [Fact]
    public async Task A_frozen_server_ends_every_sign_in_within_its_deadline_and_is_then_left_alone()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        server.Freeze();
        var watch = Stopwatch.GetTimestamp();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.SignInAsync("alice")));

        Stopwatch.GetElapsedTime(watch).ShouldBeLessThan(TimeSpan.FromSeconds(7));
        results.ShouldAllBe(result => result.Error is UnavailableError);
        watch = Stopwatch.GetTimestamp();
        (await world.SignInAsync("alice")).Error.ShouldBeOfType<UnavailableError>();
        Stopwatch.GetElapsedTime(watch).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        server.Continue();
    }

    [Fact]
    public async Task A_frozen_server_is_stood_in_for_within_the_deadline()
    {
        await using var frozen = await OpenLdapServer.StartAsync();
        await using var second = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(frozen, settings => settings with { Servers = [settings.Servers[0], DirectoryWorld.ServerOf(second)] });
        frozen.Freeze();

        (await world.SignInAsync("alice")).Value.Name.ShouldBe("alice");
        (await world.SyncAsync()).State.ShouldBe("ok");
        frozen.Continue();
    }

    [Fact]
    public async Task A_killed_server_is_noticed_at_once_and_back_after_its_restart()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.SyncAsync();
        await server.KillAsync();
        var watch = Stopwatch.GetTimestamp();

        (await world.SignInAsync("alice")).Error.ShouldBeOfType<UnavailableError>();
        Stopwatch.GetElapsedTime(watch).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        var run = await world.SyncAsync(force: true);
        run.State.ShouldBe("failed");
        run.Log.ShouldContain("Check the port, and that the server runs.");
        (await world.ActiveAsync()).ShouldBe(["alice", "bob", "carol"]);

        await server.RestartAsync();
        (await world.SignInAsync("alice")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_takes_a_name_without_a_password_for_a_sign_in_lets_nobody_in()
    {
        await using var server = await OpenLdapServer.StartAsync();
        await server.ConfigureAsync(new Ldif().Add("cn=config", "olcAllows", "bind_anon_cred bind_anon_dn"));
        using var world = await DirectoryWorld.CreateAsync(server);

        foreach (var password in (string[])["", " ", "\0", "\0x"])
        {
            (await world.SignInAsync("alice", password)).Error.ShouldBeOfType<UnauthenticatedError>();
        }
    }

    [Fact]
    public async Task Two_people_with_one_address_are_both_refused_by_it_and_served_by_their_names()
    {
        await using var server = await OpenLdapServer.StartAsync();
        await server.LoadAsync(new Ldif().Add(OpenLdapServer.Person("bob"), "mail", "alice@example.test"));
        using var world = await DirectoryWorld.CreateAsync(server);

        (await world.SignInAsync("alice@example.test")).Error.ShouldBeOfType<UnauthenticatedError>();
        (await world.SignInAsync("alice")).Value.Name.ShouldBe("alice");
        (await world.SignInAsync("bob@example.test")).Value.Name.ShouldBe("bob");
    }
}
