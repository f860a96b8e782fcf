using System.Reflection;

namespace ControlPlane.Architecture.Tests;

/// <summary>The product's assemblies and what each may reference: the table of docs/architecture.md.</summary>
internal static class Product
{
    public const string Scheduling = "ControlPlane.Scheduling";
    public const string Contracts = "ControlPlane.Contracts";
    public const string Engine = "ControlPlane.Engine";
    public const string Ldap = "ControlPlane.Ldap";
    public const string Core = "ControlPlane.Core";
    public const string Sqlite = "ControlPlane.Core.Sqlite";
    public const string Postgres = "ControlPlane.Core.Postgres";
    public const string Web = "ControlPlane.Web";
    public const string Api = "ControlPlane.Api";
    public const string Agent = "ControlPlane.Agent";

    /// <summary>By project name.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> MayReference = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [Scheduling] = [],
        [Contracts] = [],
        [Engine] = [],
        [Ldap] = [],
        [Core] = [Scheduling, Contracts, Engine, Ldap],
        [Sqlite] = [Core],
        [Postgres] = [Core],
        [Web] = [Core, Contracts],
        [Api] = [Core, Web, Sqlite, Postgres, Contracts, Engine, Scheduling, Ldap],
        [Agent] = [Contracts, Engine],
    };

    /// <summary>Projects that reference nothing but the class library.</summary>
    public static readonly string[] BclOnly = [Scheduling, Contracts, Engine, Ldap];

    public static IReadOnlyList<string> Projects() =>
        [.. Repository.Files("src", ".csproj").Select(file => System.IO.Path.GetFileNameWithoutExtension(file.Path))];

    public static Assembly Load(string project) => Assembly.Load(project == Agent ? "controlplane-agent" : project);

    /// <summary>Hand-written types: what compilers and generators add is not ours.</summary>
    public static IEnumerable<Type> Types(string project) => Load(project).GetTypes()
        .Where(type => !type.Name.Contains('<', StringComparison.Ordinal)
            && type.Namespace?.StartsWith("ControlPlane", StringComparison.Ordinal) == true
            && !type.Namespace.Contains(".Migrations", StringComparison.Ordinal)
            && type.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is null);
}
