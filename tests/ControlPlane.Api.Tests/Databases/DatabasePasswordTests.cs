using ControlPlane.Api.Hosting;
using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using Npgsql;

namespace ControlPlane.Api.Tests.Databases;

public sealed class DatabasePasswordTests : IDisposable
{
    private const string Secret = "s3cr;t=\"x'";

    private readonly string _directory = Directory.CreateTempSubdirectory("controlplane-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_password_of_the_file_is_used_without_the_white_space_around_it()
    {
        var connection = DatabaseSettings.Connection(Options("Host=db;Username=u", Write($" {Secret}\n")));

        new NpgsqlConnectionStringBuilder(connection).Password.ShouldBe(Secret);
        new NpgsqlConnectionStringBuilder(connection).Username.ShouldBe("u");
    }

    [Theory]
    [InlineData("Host=db;Password=given")]
    [InlineData("Host=db;PWD=given")]
    public void A_password_in_both_places_is_refused(string connection)
    {
        var problem = Problem(Options(connection, Write(Secret)));

        problem.ShouldContain("Database:PasswordFile");
        problem.ShouldNotContain("given;");
        problem.ShouldNotContain(Secret);
    }

    [Fact]
    public void A_password_file_for_the_embedded_database_is_refused() =>
        Problem(Options("SQLITE", Write(Secret))).ShouldContain("Database:PasswordFile");

    [Theory]
    [InlineData("Host=db;Password=hunter2;hunter3=x", 3)]
    [InlineData("Host=db;Port=hunter3", 2)]
    public void A_part_that_the_driver_does_not_take_is_told_by_its_place_and_not_by_its_text(string connection, int place)
    {
        var problem = Problem(Options(connection, null));

        problem.ShouldContain($"number {place} of");
        problem.ShouldNotContain("hunter");
    }

    [Theory]
    [InlineData("Host=;Database=x", "names no Host")]
    [InlineData("Host=db;Password=\"hunter", "not a connection string")]
    public void Other_wrong_connection_strings_are_told(string connection, string words)
    {
        var problem = Problem(Options(connection, null));

        problem.ShouldContain(words);
        problem.ShouldNotContain("hunter");
    }

    [Fact]
    public void A_file_that_is_empty_too_long_or_not_there_is_told_with_its_path()
    {
        var empty = Write(" \n");
        Should.Throw<ServerStartException>(() => DatabaseSettings.Connection(Options("Host=db", empty))).Message.ShouldContain($"empty: write the password into {empty}");
        Should.Throw<ServerStartException>(() => DatabaseSettings.Connection(Options("Host=db", "/dev/zero"))).Message.ShouldContain("too long");
        Should.Throw<ServerStartException>(() => DatabaseSettings.Connection(Options("Host=db", _directory + "/none"))).Message.ShouldContain($"does not exist: {_directory}/none");
        Should.Throw<ServerStartException>(() => DatabaseSettings.Connection(Options("Host=db", _directory))).Message.ShouldContain("cannot be read");
    }

    private string Write(string text)
    {
        var file = Path.Combine(_directory, Guid.NewGuid().ToString("n"));
        File.WriteAllText(file, text);
        return file;
    }

    private static DatabaseOptions Options(string connection, string? file) => new() { Connection = connection, PasswordFile = file };

    private static string Problem(DatabaseOptions options) => new DatabaseSettings().Validate(null, options).FailureMessage.ShouldNotBeNull();
}
