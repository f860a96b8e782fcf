using ControlPlane.Api.Hosting;

namespace ControlPlane.Api.Tests.Commands;

public sealed class SecretsCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("secrets-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private string PasswordFile => Path.Combine(_directory, "out", "database-password");

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void The_password_is_made_and_not_told()
    {
        Run().ShouldBe(0);

        var password = File.ReadAllText(PasswordFile);
        password.ShouldMatch("^[a-zA-Z0-9]{40}$");
        _output.ToString().ShouldBe($"Made {PasswordFile}.{Environment.NewLine}");
        File.GetUnixFileMode(PasswordFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Directory.GetFiles(Path.GetDirectoryName(PasswordFile)!).ShouldBe([PasswordFile]);
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        Run();
        var before = File.ReadAllText(PasswordFile);

        Run().ShouldBe(0);

        File.ReadAllText(PasswordFile).ShouldBe(before);
        _output.ToString().ShouldContain("is there already");
        _output.ToString().ShouldNotContain(before);
    }

    [Fact]
    public void A_password_that_somebody_gave_stays()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PasswordFile)!);
        File.WriteAllText(PasswordFile, "given");

        Run().ShouldBe(0);

        File.ReadAllText(PasswordFile).ShouldBe("given");
        _output.ToString().ShouldNotContain("given");
    }

    [Fact]
    public async Task Of_many_at_once_one_makes_it_and_all_succeed()
    {
        var codes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            using var output = new StringWriter();
            using var errors = new StringWriter();
            return (Code: SecretsCommand.Run(["--out", Path.GetDirectoryName(PasswordFile)!], output, errors), Text: output.ToString());
        })));

        codes.ShouldAllBe(run => run.Code == 0);
        codes.Count(run => run.Text.StartsWith("Made", StringComparison.Ordinal)).ShouldBe(1);
        File.ReadAllText(PasswordFile).Length.ShouldBe(40);
        Directory.GetFiles(Path.GetDirectoryName(PasswordFile)!).Length.ShouldBe(1);
    }

    [Fact]
    public void An_empty_file_is_not_taken_for_a_password()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PasswordFile)!);
        File.WriteAllText(PasswordFile, "");

        Run().ShouldBe(1);

        _errors.ToString().ShouldContain("is empty");
        File.ReadAllText(PasswordFile).ShouldBe("");
    }

    [Fact]
    public void Without_a_directory_it_is_a_usage_error() => SecretsCommand.Run([], _output, _errors).ShouldBe(2);

    [Fact]
    public async Task A_directory_that_cannot_be_written_ends_with_one_sentence() =>
        (await ServerCommandLine.RunAsync(["secrets", "--out", "/proc/nowhere"])).ShouldBe(1);

    private int Run() => SecretsCommand.Run(["--out", Path.GetDirectoryName(PasswordFile)!], _output, _errors);
}
