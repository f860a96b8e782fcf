using System.Text;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Audit.Export;
using ControlPlane.Core.Audit.Retention;
using ControlPlane.Core.Data;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Audit;

/// <summary>The trail over a real database and a clock of the test's; its duties run when the test says so.</summary>
internal sealed class AuditWorld : IDisposable
{
    public static readonly Caller Admin = new()
    {
        Kind = CallerKind.Session, Id = "u1", Name = "admin", IsAdministrator = true, CredentialId = "s1", RemoteAddress = "10.0.0.1", RequestId = "r1",
    };

    public static readonly Caller Stranger = Admin with { Kind = CallerKind.Token, Id = "u2", Name = "stranger", IsAdministrator = false, CredentialId = "t2", RequestId = "r2" };

    public AuditWorld(TestDatabase database, IDbContextFactory<ControlPlaneDb>? refusalDatabase = null)
    {
        Database = database;
        Refusals = new RefusalLog(Clock);
        Trail = new AuditTrail(database, Clock, Refusals);
        Anonymous = new AnonymousRefusals();
        var authorizer = new Authorizer(new AccessStore(database));
        Gate = new AccessGate(authorizer, Trail, Anonymous);
        Writer = new RefusalWriter(Refusals, refusalDatabase ?? database, Clock, NullLogger<RefusalWriter>.Instance);
        Sealer = new AuditSealer(database, Clock, NullLogger<AuditSealer>.Instance);
        Verifier = new AuditVerifier(database, Clock);
        Log = new AuditLog(database, Gate, Verifier);
        Exports = new AuditExports(database, Gate, Trail, Clock);
        Retention = new AuditRetention(database, Trail, Clock);
        Settings = new AuditSettingsService(database, authorizer, Gate, Trail, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TestDatabase Database { get; }

    public RefusalLog Refusals { get; }

    public AuditTrail Trail { get; }

    public AnonymousRefusals Anonymous { get; }

    public AccessGate Gate { get; }

    public RefusalWriter Writer { get; }

    public AuditSealer Sealer { get; }

    public AuditVerifier Verifier { get; }

    public AuditLog Log { get; }

    public AuditExports Exports { get; }

    public AuditRetention Retention { get; }

    public AuditSettingsService Settings { get; }

    public static async Task<AuditWorld> CreateAsync(DatabaseKind kind) => new(await TestDatabase.CreateAsync(kind));

    public Task WriteAsync(string action, string id = "x", string? name = null, string? detail = null, AuditDetails? details = null, Caller? caller = null) =>
        Trail.RecordAsync(caller ?? Admin, action, new AuditObject("container", id, name), AuditTrail.Ok, detail, details, CancellationToken.None);

    /// <summary>Entries a second apart, in seals of <paramref name="each"/>.</summary>
    public async Task SealedAsync(int seals, int each)
    {
        for (var seal = 0; seal < seals; seal++)
        {
            for (var entry = 0; entry < each; entry++)
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                await WriteAsync("containers.stop", $"c{seal}-{entry}", $"name-{entry}", "because", AuditDetails.Changed(new { entry }, new { seal }));
            }

            await Sealer.SealAsync(CancellationToken.None);
        }
    }

    public Task<AuditVerification> VerifyAsync(string? expected = null) => Verifier.VerifyAsync(expected, CancellationToken.None);

    public async Task<List<AuditEntity>> EntriesAsync()
    {
        await using var db = Database.CreateDbContext();
        return await db.Audit.AsNoTracking().OrderBy(a => a.At).ThenBy(a => a.Id).ToListAsync();
    }

    /// <summary>What somebody with the database in their hands does.</summary>
    public async Task TamperAsync(Func<ControlPlaneDb, Task> change)
    {
        await using var db = Database.CreateDbContext();
        await change(db);
        await db.SaveChangesAsync();
    }

    public async Task<string> ExportAsync(string format, AuditSearch? search = null)
    {
        var export = (await Exports.BeginAsync(Admin, search ?? new AuditSearch(), format, CancellationToken.None)).Value;
        using var output = new MemoryStream();
        await export.WriteAsync(output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    public void Dispose()
    {
        Log.Dispose();
        Database.Dispose();
    }
}
