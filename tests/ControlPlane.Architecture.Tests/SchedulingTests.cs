using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ControlPlane.Architecture.Tests;

/// <summary>Placement is pure: same input, same answer. What would make it otherwise may not even be named in its assembly.</summary>
public sealed class SchedulingTests
{
    private static readonly string[] Impure =
    [
        "System.DateTime", "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly", "System.TimeProvider", "System.Diagnostics.Stopwatch",
        "System.Random", "System.Guid", "System.Console", "System.Threading.Thread", "System.Threading.Timer", "System.Threading.PeriodicTimer",
        "System.IServiceProvider", "System.Security.Cryptography.RandomNumberGenerator",
    ];

    private static readonly string[] ImpureNamespaces =
        ["System.IO", "System.Net", "System.Threading.Tasks", "System.Threading.Channels", "System.Data", "Microsoft"];

    /// <summary>From those namespaces, but plain values: an address is parsed and compared, nothing is asked.</summary>
    private static readonly string[] Values = ["System.Net.IPAddress"];

    [Fact]
    public void Scheduling_uses_no_clock_no_chance_no_task_no_log_and_no_file() =>
        Used(Product.Scheduling).Where(IsImpure).Except(Values, StringComparer.Ordinal).ShouldBeEmpty();

    [Fact]
    public void The_test_sees_such_uses() => Used(Product.Core).Where(IsImpure).ShouldContain("System.Threading.Tasks.Task");

    private static bool IsImpure(string type) =>
        Impure.Contains(type, StringComparer.Ordinal)
        || ImpureNamespaces.Any(space => type.StartsWith(space + ".", StringComparison.Ordinal));

    /// <summary>Every type of others that an assembly names, in signatures and in code.</summary>
    private static SortedSet<string> Used(string project)
    {
        using var stream = File.OpenRead(Product.Load(project).Location);
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            var space = metadata.GetString(type.Namespace);

            // Attributes of the compiler (nullability, embedded ones) are no use by us.
            if (!space.StartsWith("System.Runtime.CompilerServices", StringComparison.Ordinal) && !space.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
            {
                used.Add($"{space}.{metadata.GetString(type.Name)}");
            }
        }

        return used;
    }
}
