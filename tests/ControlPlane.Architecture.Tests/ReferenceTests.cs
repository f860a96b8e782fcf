using System.Xml.Linq;

namespace ControlPlane.Architecture.Tests;

public sealed class ReferenceTests
{
    public static TheoryData<string> Projects => [.. Product.Projects()];

    [Fact]
    public void Every_project_of_the_product_is_in_the_table() =>
        Product.Projects().Except(Product.MayReference.Keys, StringComparer.Ordinal).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_file_references_only_what_the_table_allows(string project)
    {
        var references = ProjectFile(project).Descendants("ProjectReference")
            .Select(reference => System.IO.Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        references.Except(Product.MayReference[project], StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_assembly_uses_only_what_the_table_allows(string project)
    {
        // Also what comes through another project's reference.
        var used = Product.Load(project).GetReferencedAssemblies()
            .Select(name => name.Name == "controlplane-agent" ? Product.Agent : name.Name!)
            .Where(name => name.StartsWith("ControlPlane.", StringComparison.Ordinal));

        used.Except(Product.MayReference[project], StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_pure_libraries_need_nothing_but_the_class_library(string project)
    {
        if (!Product.BclOnly.Contains(project, StringComparer.Ordinal))
        {
            return;
        }

        var file = ProjectFile(project);

        file.Descendants("PackageReference").ShouldBeEmpty();
        file.Descendants("FrameworkReference").ShouldBeEmpty();
        file.Root!.Attribute("Sdk")!.Value.ShouldBe("Microsoft.NET.Sdk");
        Product.Load(project).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_agent_speaks_to_engines()
    {
        var others = Product.Projects().Where(project => project != Product.Agent)
            .Where(project => ProjectFile(project).Descendants("PackageReference").Any(package => package.Attribute("Include")!.Value.StartsWith("Docker.", StringComparison.Ordinal)));

        others.ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_providers_know_a_database()
    {
        string[] drivers = ["Npgsql", "Microsoft.Data.Sqlite", "Microsoft.EntityFrameworkCore.Sqlite", "Npgsql.EntityFrameworkCore.PostgreSQL"];
        string[] pages = [Product.Core, Product.Web];

        foreach (var project in pages)
        {
            Product.Load(project).GetReferencedAssemblies().Select(name => name.Name!).Intersect(drivers, StringComparer.Ordinal).ShouldBeEmpty(project);
        }
    }

    [Fact]
    public void Versions_are_central()
    {
        var own = new[] { "src", "tests", "tools", "bench" }.SelectMany(folder => Repository.Files(folder, ".csproj", ".props"))
            .Where(file => XDocument.Parse(file.Text).Descendants("PackageReference")
                .Any(package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null || package.Element("Version") is not null))
            .Select(file => file.Path);

        own.ShouldBeEmpty("versions belong into Directory.Packages.props");
        Repository.Read("Directory.Packages.props").ShouldContain("<ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>");
    }

    [Fact]
    public void Versions_are_exact() =>
        XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Where(package => package.Attribute("Version")!.Value.IndexOfAny(['*', '[', '(', ',']) >= 0)
            .Select(package => package.Attribute("Include")!.Value)
            .ShouldBeEmpty();

    private static XDocument ProjectFile(string project) =>
        XDocument.Parse(Repository.Files("src", ".csproj").Single(file => System.IO.Path.GetFileNameWithoutExtension(file.Path) == project).Text);
}
