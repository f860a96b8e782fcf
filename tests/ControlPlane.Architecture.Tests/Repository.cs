using System.Text.RegularExpressions;

namespace ControlPlane.Architecture.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static partial class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>Hand-written C# of the product: no generated code, no migrations of the tool.</summary>
    public static IEnumerable<SourceFile> ProductSources() =>
        Files("src", ".cs").Where(file => !file.Path.Contains("/Migrations/", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Where(path => extensions.Contains(Path.GetExtension(path), StringComparer.Ordinal))
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), path))
            .Where(file => !MadeByTools().IsMatch(file.Path))
            .OrderBy(file => file.Path, StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("These tests run from inside the source tree.");
    }

    [GeneratedRegex("(^|/)(bin|obj|node_modules|dist|artifacts|TestResults)/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MadeByTools();
}

/// <summary>A file of the repository.</summary>
/// <param name="Path">Relative to the top, with slashes.</param>
/// <param name="FullPath">On this machine.</param>
internal sealed record SourceFile(string Path, string FullPath)
{
    public string Text { get; } = File.ReadAllText(FullPath);

    public string[] Lines => Text.Split('\n');

    /// <summary>Lines, counted as an editor does.</summary>
    public int LineCount => Text.Length == 0 ? 0 : Text.AsSpan().Count('\n') + (Text.EndsWith('\n') ? 0 : 1);
}
