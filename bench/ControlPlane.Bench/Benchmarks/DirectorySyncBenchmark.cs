using System.Diagnostics;
using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using ControlPlane.Ldap;
using ControlPlane.TestKit.Databases;
using ControlPlane.TestKit.Directories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>A whole synchronisation with a real OpenLDAP: people, nested groups, accounts and memberships in the database.</summary>
internal sealed class DirectorySyncBenchmark : IBenchmark
{
    private const int GroupSize = 50;

    public string Name => "directory-sync";

    public string Summary => "directory synchronisation: 10,000 people and 200 nested groups from a real OpenLDAP into teams";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        if (!OpenLdapServer.IsInstalled)
        {
            report.Say("slapd and ldap-utils are not installed: left out");
            return;
        }

        var people = quick ? 500 : 10_000;
        await using var server = await OpenLdapServer.StartAsync();
        report.Say(string.Create(CultureInfo.InvariantCulture, $"loading {people} people into slapd"));
        await server.LoadOrganisationAsync(people, GroupSize);
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        using var access = new AccessStore(database);
        var clock = TimeProvider.System;
        var audit = new AuditTrail(database, clock);
        var authorizer = new Authorizer(access);
        var box = new SecretBox(Options.Create(new ServerOptions { DataDirectory = database.DataDirectory }));
        var settings = new DirectorySettingsService(database, box, authorizer, new AccessGate(authorizer, audit, new AnonymousRefusals()), audit, clock);
        var connector = new DirectoryConnector(new LdapDirectory(clock), new ServerCircuits(clock), NullLogger<DirectoryConnector>.Instance);
        var run = new DirectorySyncRun(
            settings, connector, new SyncWriter(database, access, audit, new CallerCache(clock), clock), database, audit, clock, NullLogger<DirectorySyncRun>.Instance);
        await ConfigureAsync(settings, server, cancellationToken);
        var groups = people / GroupSize;
        await MakeTeamsAsync(database, access, groups, cancellationToken);

        var first = await TimeAsync(database, run, cancellationToken);
        var memberships = access.Current.Teams.Count == 0 ? 0 : await CountAsync(database, cancellationToken);
        var second = await TimeAsync(database, run, cancellationToken);

        var circumstances = string.Create(CultureInfo.InvariantCulture, $"{people} people, {groups} teams, {memberships} memberships, SQLite");
        report.Add(Figure.Of("directory sync, first run", first, "s", Bar.AtMost(60), circumstances));
        report.Add(Figure.Of("directory sync, nothing changed", second, "s", Bar.AtMost(60), circumstances));
    }

    private static async Task ConfigureAsync(DirectorySettingsService settings, OpenLdapServer server, CancellationToken cancellationToken)
    {
        var kept = await settings.PutAsync(
            Caller.System("bench"),
            new DirectorySettings
            {
                Enabled = true,
                Servers =
                [
                    new DirectoryServer
                    {
                        Url = string.Create(CultureInfo.InvariantCulture, $"ldaps://{server.Host}:{server.TlsPort}"),
                        RootCertificates = server.Authority.ExportCertificatePems(),
                        ReaderDn = OpenLdapServer.ServiceDn,
                        ReaderPassword = OpenLdapServer.ServicePassword,
                    },
                ],
                Searches = [new UserSearch { BaseDn = OpenLdapServer.PeopleDn, Filter = "(objectClass=inetOrgPerson)" }],
                NestedGroups = NestedGroups.Walk,
            },
            -1,
            cancellationToken);
        if (!kept.IsSuccess)
        {
            throw new InvalidOperationException(kept.Error.Message);
        }
    }

    private static async Task MakeTeamsAsync(TestDatabase database, AccessStore access, int groups, CancellationToken cancellationToken)
    {
        await using var db = database.CreateDbContext();
        for (var i = 0; i < groups; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"team{i:D4}");
            db.Teams.Add(new TeamEntity
            {
                Id = name, Name = name, FoldedName = name, CreatedAt = DateTime.UnixEpoch, DirectoryRuleJson = new TeamDirectoryRule { GroupDn = OpenLdapServer.Group(name) }.Write(),
            });
        }

        await access.SaveAsync(db, cancellationToken);
    }

    private static async Task<double> TimeAsync(TestDatabase database, DirectorySyncRun run, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        await using (var db = database.CreateDbContext())
        {
            db.DirectorySyncs.Add(new DirectorySyncEntity { Id = id, Trigger = "manual", StartedAt = DateTime.UnixEpoch, State = DirectorySyncRun.Running, Log = "" });
            await db.SaveChangesAsync(cancellationToken);
        }

        var watch = Stopwatch.GetTimestamp();
        await run.ExecuteAsync(id, force: false, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(watch).TotalSeconds;
        await using var after = database.CreateDbContext();
        var row = await after.DirectorySyncs.AsNoTracking().SingleAsync(sync => sync.Id == id, cancellationToken);
        return row.State == DirectorySyncRun.Ok ? seconds : throw new InvalidOperationException($"{row.State}: {row.Summary}");
    }

    private static async Task<int> CountAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        await using var db = database.CreateDbContext();
        return await db.TeamMembers.CountAsync(cancellationToken);
    }
}
