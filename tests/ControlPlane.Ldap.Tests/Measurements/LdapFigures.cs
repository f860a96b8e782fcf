using System.Diagnostics;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.Measurements;

/// <summary>Figures, not judgements: run by <c>ControlPlane.Ldap.Tests -class "*LdapFigures" -explicit only -showLiveOutput</c>.</summary>
public sealed class LdapFigures(ITestOutputHelper output)
{
    private const int Users = 10_000;

    [Fact(Explicit = true)]
    public async Task Latency_logins_and_ten_thousand_users()
    {
        await using var server = await OpenLdapServer.StartAsync();
        var settings = new LdapServer { Host = server.Host, Port = server.TlsPort, TrustedCertificates = server.Authority, ConnectTimeout = TimeSpan.FromSeconds(60), OperationTimeout = TimeSpan.FromSeconds(60) };
        var startTls = settings with { Port = server.Port, Security = LdapSecurity.StartTls };

        await TimeAsync("loading", () => server.LoadOrganisationAsync(Users, 50));
        await LoginAsync(settings, 0);
        foreach (var (name, way) in new[] { ("ldaps", settings), ("StartTLS", startTls) })
        {
            var times = new List<double>();
            for (var i = 0; i < 100; i++)
            {
                var watch = Stopwatch.StartNew();
                await LoginAsync(way, i);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            output.WriteLine($"{name}: connect, bind as service, search, connect, bind as user: median {times[50]:F1} ms, 95th {times[95]:F1} ms");
            await TimeAsync($"{name}: 100 logins at once", () => Task.WhenAll(Enumerable.Range(0, 100).Select(i => LoginAsync(way, i))));
        }

        await using var connection = await settings.ConnectAsync();
        await connection.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None);
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetTotalAllocatedBytes();
            await TimeAsync("10,000 users in pages of 500, uid cn mail memberOf", async () =>
            {
                var found = await connection.FindAsync(new LdapSearch
                {
                    BaseDn = OpenLdapServer.PeopleDn, Filter = LdapFilter.Equal("objectClass", "inetOrgPerson"), Attributes = ["uid", "cn", "mail", "memberOf", "entryUUID"],
                });
                found.Count.ShouldBe(Users + 7);
            });
            output.WriteLine($"  allocated {(GC.GetTotalAllocatedBytes() - before) / 1024 / 1024} MB");
        }
    }

    private static async Task LoginAsync(LdapServer settings, int number)
    {
        string dn;
        await using (var service = await settings.ConnectAsync())
        {
            await service.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None);
            dn = (await service.FindAsync(new LdapSearch { BaseDn = OpenLdapServer.PeopleDn, Filter = LdapFilter.Equal("uid", $"user{number:D5}"), PageSize = 0, SizeLimit = 2 })).ShouldHaveSingleItem().Dn;
        }

        await using var person = await settings.ConnectAsync();
        await person.BindAsync(dn, OpenLdapServer.UserPassword, Refusal.None);
    }

    private async Task TimeAsync(string what, Func<Task> step)
    {
        var watch = Stopwatch.StartNew();
        await step();
        output.WriteLine($"{what}: {watch.Elapsed.TotalMilliseconds:F0} ms");
    }
}
