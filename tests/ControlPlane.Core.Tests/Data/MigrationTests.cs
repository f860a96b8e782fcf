using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Data;

public sealed class MigrationTests
{
    [Theory, DatabaseData]
    public async Task The_migrations_say_what_the_model_says(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateEmptyAsync(kind);
        await using var db = database.CreateDbContext();

        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Theory, DatabaseData]
    public async Task An_empty_database_migrates_and_a_second_time_nothing_happens(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        await using var db = database.CreateDbContext();
        await db.Database.MigrateAsync();

        (await db.Users.CountAsync()).ShouldBe(0);
        (await db.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
    }
}
