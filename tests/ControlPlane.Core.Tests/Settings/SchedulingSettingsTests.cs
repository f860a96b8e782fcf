using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;
using ControlPlane.Core.Settings;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Settings;

public sealed class SchedulingSettingsTests
{
    private static readonly SchedulingSettingsRequest Generous = new() { OvercommitPercent = 50 };

    [Theory, DatabaseData]
    public async Task A_change_is_kept_holds_at_once_and_leaves_an_audit_entry(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var state = new ClusterState(TimeProvider.System);
        var settings = Service(database, state);
        settings.Get(ContainerWorld.Admin).Value.ShouldBe(new SchedulingSettingsView("spread", 5, 0));

        var first = (await settings.PutAsync(ContainerWorld.Admin, Generous, 0, default)).Value;
        var second = (await settings.PutAsync(ContainerWorld.Admin, new SchedulingSettingsRequest { Strategy = "spread" }, first.Revision, default)).Value;

        first.ShouldBe(new SchedulingSettingsView("spread", 50, 1));
        second.ShouldBe(new SchedulingSettingsView("spread", 5, 2));
        state.Current.Scheduling.ShouldBe(new SchedulingSettings("spread", 5, 2));
        await using var db = database.CreateDbContext();
        (await db.Audit.Select(a => new { a.Action, a.Result, a.Detail }).ToListAsync())
            .ShouldContain(new { Action = Permission.SettingsUpdate, Result = AuditTrail.Ok, Detail = (string?)"strategy spread, overcommit 50 %" });
    }

    [Theory, DatabaseData]
    public async Task The_next_start_knows_them(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        await Service(database, new ClusterState(TimeProvider.System)).PutAsync(ContainerWorld.Admin, Generous, 0, default);
        var next = new ClusterState(TimeProvider.System);

        await new SettingsLoader(database, next).LoadAsync(default);

        next.Current.Scheduling.ShouldBe(new SchedulingSettings("spread", 50, 1));
    }

    [Theory, DatabaseData]
    public async Task A_missing_or_stale_revision_is_refused_also_when_two_come_together(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var settings = Service(database, new ClusterState(TimeProvider.System));

        (await settings.PutAsync(ContainerWorld.Admin, Generous, null, default)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeTrue();
        (await settings.PutAsync(ContainerWorld.Admin, Generous, 7, default)).Error.ShouldBeOfType<PreconditionError>().CurrentRevision.ShouldBe(0);
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => settings.PutAsync(ContainerWorld.Admin, Generous, 0, default))));

        results.Count(result => result.IsSuccess).ShouldBe(1);
        results.Where(result => !result.IsSuccess).ShouldAllBe(result => result.Error is PreconditionError);
    }

    [Theory, DatabaseData]
    public async Task Every_wrong_field_is_named_and_a_stranger_is_refused_with_an_audit_entry(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var settings = Service(database, new ClusterState(TimeProvider.System));
        var wrong = new SchedulingSettingsRequest { Strategy = "best", OvercommitPercent = 1001 };

        (await settings.PutAsync(ContainerWorld.Admin, wrong, 0, default)).Error.ShouldBeOfType<InvalidError>()
            .Fields.Select(field => field.Field).ShouldBe(["strategy", "overcommitPercent"]);
        settings.Get(ContainerWorld.Stranger).Error.ShouldBeOfType<ForbiddenError>();
        (await settings.PutAsync(ContainerWorld.Stranger, Generous, 0, default)).Error.ShouldBeOfType<ForbiddenError>();
        await using var db = database.CreateDbContext();
        (await db.Audit.SingleAsync()).Result.ShouldBe(AuditTrail.Refused);
        (await db.Settings.CountAsync()).ShouldBe(0);
    }

    private static SchedulingSettingsService Service(TestDatabase database, ClusterState state)
    {
        var audit = new AuditTrail(database, TimeProvider.System);
        var authorizer = new Authorizer(new AccessStore(database));
        return new SchedulingSettingsService(database, state, authorizer, new AccessGate(authorizer, audit, new AnonymousRefusals()), audit, TimeProvider.System);
    }
}
