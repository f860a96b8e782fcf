using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace ControlPlane.TestKit.Databases;

/// <summary>Runs a theory on each database; PostgreSQL is skipped visibly where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DatabaseDataAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
        [
            new TheoryDataRow<DatabaseKind>(DatabaseKind.Sqlite),
            new TheoryDataRow<DatabaseKind>(DatabaseKind.Postgres) { Skip = PostgresServer.IsInstalled ? null : "PostgreSQL 15 is not installed." },
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
