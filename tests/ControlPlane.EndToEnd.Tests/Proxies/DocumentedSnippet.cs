using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Proxies;

/// <summary>What the page on proxies tells operators to write, word for word: so that it cannot rot.</summary>
internal static class DocumentedSnippet
{
    private const string Page = "docs/operations/tls.md";

    /// <param name="name">After <c>&lt;!-- test:</c> before the block.</param>
    /// <param name="changes">What stands there, and what a test puts in its place; each must stand there.</param>
    public static string Read(string name, params (string Text, string By)[] changes)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, Page));
        var mark = page.IndexOf($"<!-- test: {name} -->", StringComparison.Ordinal);
        mark.ShouldBeGreaterThan(0, $"{Page} has no block '{name}'");
        var from = page.IndexOf('\n', page.IndexOf("```", mark, StringComparison.Ordinal)) + 1;
        var snippet = page[from..page.IndexOf("\n```", from, StringComparison.Ordinal)];
        foreach (var (text, by) in changes)
        {
            snippet.ShouldContain(text, Case.Sensitive, $"the block '{name}' of {Page}");
            snippet = snippet.Replace(text, by, StringComparison.Ordinal);
        }

        return snippet + "\n";
    }
}
