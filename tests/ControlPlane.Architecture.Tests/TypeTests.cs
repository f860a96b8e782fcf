using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ControlPlane.Architecture.Tests;

public sealed partial class TypeTests
{
    public static TheoryData<string> Projects => [.. Product.Projects()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_type_is_named_for_what_it_is_or_decides(string project) =>
        Product.Types(project).Where(type => SaysNothing().IsMatch(PlainName(type))).Select(type => type.FullName).ShouldBeEmpty();

    [Fact]
    public void The_names_to_avoid_are_recognised()
    {
        string[] avoided = ["NodeManager", "StringHelper", "StringHelpers", "PathUtils", "Util", "EventProcessor", "StoreImpl", "Misc", "NodesCommon"];

        avoided.ShouldAllBe(name => SaysNothing().IsMatch(name));
    }

    [Theory]
    [InlineData(Product.Core)]
    [InlineData(Product.Scheduling)]
    [InlineData(Product.Engine)]
    [InlineData(Product.Contracts)]
    public void Public_classes_are_sealed_or_made_to_be_derived_from(string project) =>
        Product.Types(project)
            .Where(type => type is { IsClass: true, IsVisible: true, IsSealed: false, IsAbstract: false })
            .Where(type => !HasDerived(type))
            .Select(type => type.FullName)
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Projects))]
    public void Nothing_is_async_void(string project)
    {
        const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var methods = Product.Load(project).GetTypes().SelectMany(type => type.GetMethods(Everything))
            .Where(method => method.ReturnType == typeof(void) && method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null)
            .Select(method => $"{method.DeclaringType!.FullName}.{method.Name}");

        methods.ShouldBeEmpty();
    }

    [Fact]
    public void Loops_meet_in_the_state_and_never_in_each_other()
    {
        var architecture = new ArchUnitNET.Loader.ArchLoader().LoadAssembly(Product.Load(Product.Core)).Build();
        var loops = Product.Types(Product.Core)
            .Where(type => type is { IsClass: true, IsAbstract: false } && !type.IsGenericType)
            .Where(type => type.GetInterfaces().Any(face => face.Name is "IDuty" or "IHostedService"))
            .Select(type => type.FullName!)
            .ToHashSet(StringComparer.Ordinal);
        loops.Count.ShouldBeGreaterThan(2);

        var meetings = architecture.Classes.Where(type => loops.Contains(type.FullName))
            .SelectMany(type => type.Dependencies.Select(dependency => (From: type.FullName, To: dependency.Target.FullName)))
            .Where(pair => pair.From != pair.To && loops.Contains(pair.To) && !IsAllowed(pair))
            .Distinct()
            .Select(pair => $"{pair.From} -> {pair.To}");

        meetings.ShouldBeEmpty();

        // Launches run on request; they are hosted only so that the server's stop waits for them.
        static bool IsAllowed((string From, string To) pair) => pair.To == "ControlPlane.Core.Containers.ContainerLaunches";
    }

    private static bool HasDerived(Type type) => type.Assembly.GetTypes().Any(other => other.BaseType == type);

    // ASP.NET Core calls them so: a tag helper is one.
    private static string PlainName(Type type) => type.Name.Split('`')[0];

    [GeneratedRegex("(Manager|(?<!Tag)Helpers?|Utils?|Utilities|Processor|Impl|Misc|Common)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SaysNothing();
}
