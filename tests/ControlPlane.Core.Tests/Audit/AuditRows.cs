using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Audit;

/// <summary>Many entries, as a busy cluster writes them.</summary>
internal static class AuditRows
{
    public static async Task AddAsync(TestDatabase database, TimeProvider clock, int count)
    {
        var begin = clock.GetUtcNow();
        for (var done = 0; done < count;)
        {
            await using var db = database.CreateDbContext();
            db.ChangeTracker.AutoDetectChangesEnabled = false;
            for (var i = 0; i < 5000 && done < count; i++, done++)
            {
                var at = begin.AddMilliseconds(done);
                db.Audit.Add(new AuditEntity
                {
                    Id = Guid.CreateVersion7(at),
                    At = at.UtcDateTime,
                    ActorKind = "Token",
                    ActorId = "0198d1c2a3b47c5d8e9f000000000001",
                    ActorName = $"user-{done % 40}",
                    CredentialId = "4f2a99c01b3d",
                    RemoteAddress = $"10.0.{done % 7}.{done % 250}",
                    Action = done % 3 == 0 ? "containers.create" : "containers.stop",
                    ObjectKind = "container",
                    ObjectId = $"{done:x64}",
                    ObjectName = $"web-{done % 1000}",
                    Result = AuditTrail.Ok,
                    Detail = "on node-7",
                    RequestId = $"00-{done:x32}-00",
                    ParametersJson = done % 3 == 0 ? """{"image":"registry.example/web:1.2.3","env":{"MODE":"***","DB":"***"},"labels":{"tier":"web"}}""" : null,
                });
            }

            await db.SaveChangesAsync();
        }
    }
}
