using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class GenericResourceTests
{
    [Theory]
    [InlineData(2, 4, 2, null)]
    [InlineData(2, 4, 3, "2 gpu asked, 1 free of 4")]
    [InlineData(2, 4, 4, "2 gpu asked, 0 free of 4")]
    [InlineData(2, 4, 9, "2 gpu asked, 0 free of 4")]
    [InlineData(4, 4, 0, null)]
    [InlineData(5, 4, 0, "5 gpu asked, 4 free of 4")]
    [InlineData(1, 0, 0, "1 gpu asked, has none")]
    [InlineData(long.MaxValue, long.MaxValue, 0, null)]
    [InlineData(long.MaxValue, long.MaxValue, 1, "9223372036854775807 gpu asked, 9223372036854775806 free of 9223372036854775807")]
    public void Generic_resources_are_counted(long asked, long declared, long reserved, string? text) =>
        Check(new ResourcesFilter(), Asking(("gpu", asked)), Make.Node(1).WithGeneric("gpu", declared, reserved), text);

    [Fact]
    public void A_node_that_declares_nothing_has_none() =>
        Check(new ResourcesFilter(), Asking(("gpu", 1)), Make.Node(1), "1 gpu asked, has none");

    [Fact]
    public void Case_counts_in_names() =>
        Check(new ResourcesFilter(), Asking(("GPU", 1)), Make.Node(1).WithGeneric("gpu", 1), "1 GPU asked, has none");

    [Fact]
    public void Overcommit_is_for_memory_and_cpus_only() =>
        Check(new ResourcesFilter(), Asking(("gpu", 5)), Make.Node(1, overcommit: 100).WithGeneric("gpu", 4), "5 gpu asked, 4 free of 4");

    [Fact]
    public void Every_resource_has_to_be_there() => Check(
        new ResourcesFilter(),
        Asking(("gpu", 1), ("fpga", 2), ("ssd", 3)),
        Make.Node(1).WithGeneric("gpu", 1).WithGeneric("ssd", 4, 2),
        "2 fpga asked, has none; 3 ssd asked, 2 free of 4");

    [Fact]
    public void Everything_that_is_lacking_is_named_together()
    {
        var request = Asking(("gpu", 2)) with { MemoryBytes = 2 * Make.GiB, NanoCpus = 2 * Make.Cpu };
        var node = Make.Node(1, memory: 1, cpus: 1).WithGeneric("gpu", 1);

        Check(new ResourcesFilter(), request, node, "2 GiB asked, 1 GiB free of 1 GiB; 2 CPUs asked, 1 free of 1; 2 gpu asked, 1 free of 1");
        Summary(new ResourcesFilter(), request, node, "1 lacks memory, CPUs and gpu", "3 lack memory, CPUs and gpu");
    }

    [Theory]
    [InlineData(1, 0, 0, "1 lacks memory", "3 lack memory")]
    [InlineData(0, 1, 0, "1 lacks CPUs", "3 lack CPUs")]
    [InlineData(0, 0, 1, "1 lacks gpu", "3 lack gpu")]
    [InlineData(1, 1, 0, "1 lacks memory and CPUs", "3 lack memory and CPUs")]
    [InlineData(1, 0, 1, "1 lacks memory and gpu", "3 lack memory and gpu")]
    [InlineData(0, 1, 1, "1 lacks CPUs and gpu", "3 lack CPUs and gpu")]
    public void What_is_lacking_is_counted_in_words(int memory, int cpus, int gpus, string one, string several)
    {
        var request = Asking([.. Enumerable.Repeat(("gpu", 1L), gpus)]) with { MemoryBytes = memory * Make.GiB, NanoCpus = cpus * Make.Cpu };

        Summary(new ResourcesFilter(), request, Make.Node(1, memory: 0, cpus: 0), one, several);
    }

    [Fact]
    public void Memory_alone_does_not_ask_for_cpus_or_gpus() =>
        Check(new ResourcesFilter(), new PlacementRequest { MemoryBytes = 1 }, Make.Node(1, cpus: 0, reservedCpus: 4).WithGeneric("gpu", 0, 4), null);

    [Fact]
    public void Without_any_resource_there_is_nothing_to_check() => new ResourcesFilter().For(new PlacementRequest()).ShouldBeNull();

    [Fact]
    public void An_index_of_terms_does_not_know_what_is_free() =>
        Narrowed(new ResourcesFilter(), Asking(("gpu", 1)), new IndexedCluster(new TestCluster(Make.Node(1)))).ShouldBeNull();

    [Fact]
    public void Generic_resources_alone_do_not_change_the_rank()
    {
        var cluster = new TestCluster(Make.Node(1, containers: 2).WithGeneric("gpu", 8), Make.Node(2, containers: 1).WithGeneric("gpu", 8, 7), Make.Node(3));

        Placement.Standard.Decide(Asking(("gpu", 1)), cluster).ShouldBeOfType<Placed>().Why
            .ShouldBe("node-2 won: the fewest containers (1); next is node-1 (2)");
    }

    private static PlacementRequest Asking(params (string Name, long Count)[] resources) =>
        new() { GenericResources = [.. resources.Select(resource => new GenericResource(resource.Name, resource.Count))] };
}
