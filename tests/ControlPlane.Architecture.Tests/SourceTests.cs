using System.Text.RegularExpressions;

namespace ControlPlane.Architecture.Tests;

public sealed partial class SourceTests
{
    private const int MostLines = 400;

    /// <summary>Longer files, each with the reason why it is one thing all the same.</summary>
    private static readonly Dictionary<string, string> LongOnPurpose = new(StringComparer.Ordinal);

    private static readonly string[] Folders = ["src", "tests", "tools", "bench", "docs", "scripts"];

    private static readonly string[] TextFiles =
        [".cs", ".csproj", ".props", ".cshtml", ".ts", ".css", ".json", ".md", ".sh", ".mjs"];

    [Fact]
    public void Logging_goes_through_generated_methods() =>
        Hits(Repository.ProductSources(), DirectLog()).ShouldBeEmpty("declare a [LoggerMessage] method");

    [Fact]
    public void A_direct_call_of_a_logger_is_recognised()
    {
        DirectLog().IsMatch("        logger.LogInformation(\"Node {Node}\", id);").ShouldBeTrue();
        DirectLog().IsMatch("    private partial void LogWarningOf(string name);").ShouldBeFalse();
    }

    [Fact]
    public void A_file_is_one_thing()
    {
        var tooLong = Repository.ProductSources()
            .Where(file => file.LineCount > MostLines && !LongOnPurpose.ContainsKey(file.Path))
            .Select(file => $"{file.Path}: {file.LineCount} lines");

        tooLong.ShouldBeEmpty($"past {MostLines} lines it is two things");
    }

    [Fact]
    public void The_list_of_long_files_holds_only_long_files() =>
        LongOnPurpose.Keys.Where(path => !Repository.ProductSources().Any(file => file.Path == path && file.LineCount > MostLines)).ShouldBeEmpty();

    [Fact]
    public void Files_have_no_tabs_and_no_carriage_returns() =>
        Sources().Where(file => file.Text.AsSpan().IndexOfAny('\t', '\r') >= 0).Select(file => file.Path).ShouldBeEmpty();

    [Fact]
    public void A_note_of_something_to_do_names_its_issue() =>
        Hits(Repository.ProductSources(), Unfiled()).ShouldBeEmpty("file it or do it");

    [Fact]
    public void Nullable_is_never_switched_off() =>
        Hits(Repository.ProductSources(), NullableOff()).ShouldBeEmpty();

    private static IEnumerable<SourceFile> Sources() => Folders
        .Where(folder => Directory.Exists(Path.Combine(Repository.Root, folder)))
        .SelectMany(folder => Repository.Files(folder, TextFiles))
        .Where(file => !file.Path.EndsWith("package-lock.json", StringComparison.Ordinal));

    private static IEnumerable<string> Hits(IEnumerable<SourceFile> files, Regex pattern) =>
        from file in files
        from line in file.Lines.Index()
        where pattern.IsMatch(line.Item)
        select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\s*\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DirectLog();

    [GeneratedRegex(@"//.*\b(TODO|FIXME|HACK)\b(?!.*#\d)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Unfiled();

    [GeneratedRegex(@"^\s*#nullable\s+disable", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NullableOff();
}
