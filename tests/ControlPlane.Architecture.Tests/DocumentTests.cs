using System.Reflection;
using System.Text.RegularExpressions;

namespace ControlPlane.Architecture.Tests;

/// <summary>Documents that must keep up with the code.</summary>
public sealed partial class DocumentTests
{
    private const string Deadlines = "docs/design/deadlines.md";

    [Theory]
    [InlineData(Product.Core, "ControlPlane.Core.DeadlineOptions")]
    [InlineData(Product.Core, "ControlPlane.Core.Nodes.Monitoring.NodeMonitorOptions")]
    [InlineData(Product.Agent, "ControlPlane.Agent.Hosting.AgentDeadlines")]
    public void Every_deadline_is_in_the_table(string project, string type)
    {
        var text = Repository.Read(Deadlines);
        var names = Product.Load(project).GetType(type, throwOnError: true)!
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => property.Name)
            .ToList();

        names.ShouldNotBeEmpty();
        names.Where(name => !Named(text, name)).ShouldBeEmpty($"{Deadlines} names each as `Name` with default and reason");
    }

    [Fact]
    public void Every_setting_of_the_server_is_in_the_table()
    {
        const string page = "docs/operations/server.md";
        var text = Repository.Read(page);
        var names = Product.Load(Product.Core).GetType("ControlPlane.Core.Options.ServerOptions", throwOnError: true)!
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => $"Server:{property.Name}")
            .ToList();

        names.ShouldNotBeEmpty();
        names.Where(name => !Named(text, name)).ShouldBeEmpty($"{page} names each with its default");
    }

    [Fact]
    public void Every_code_of_a_problem_is_in_the_table()
    {
        var text = Repository.Read("docs/rest-api.md");
        var codes = Repository.ProductSources()
            .SelectMany(file => ErrorWithCode().Matches(file.Text))
            .Select(match => match.Groups["code"].Value)
            .ToHashSet(StringComparer.Ordinal);

        codes.Count.ShouldBeGreaterThan(20);
        codes.Where(code => !Named(text, code)).Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_is_in_the_architecture()
    {
        var text = Repository.Read("docs/architecture.md");

        Product.Projects().Where(project => !Named(text, project)).ShouldBeEmpty();
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var documents = Repository.Files("docs", ".md").Select(file => file.Path)
            .Concat(["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]);
        var broken = from path in documents
                     from match in Link().Matches(Repository.Read(path))
                     let target = match.Groups["target"].Value
                     where !target.Contains(':', StringComparison.Ordinal)
                     let file = Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, target)
                     where !File.Exists(file) && !Directory.Exists(file) && !IsAddedLater(target)
                     select $"{path}: {target}";

        broken.ShouldBeEmpty();

        // Pictures are taken of the running product.
        static bool IsAddedLater(string target) => target.EndsWith(".png", StringComparison.Ordinal);
    }

    private static bool Named(string text, string name) => text.Contains($"`{name}`", StringComparison.Ordinal);

    [GeneratedRegex(@"(\bnew\s+(?!FieldError)\w*Error|\)\s*:\s*Error)\(\s*(StatusCodes\.\w+,\s*)?""(?<code>[a-z_]+\.[a-z_]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ErrorWithCode();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
