using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.Faults;

/// <summary>What was acknowledged exists exactly once afterwards; what was not exists once or not at all.</summary>
public sealed class KilledDuringCreatesTests(FourNodes nodes) : FaultTest(nodes)
{
    private const int Creates = 10;

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    public async Task The_agent_is_killed_amid_ten_creates(int waitSeconds)
    {
        var node = Cluster["node-1"];

        var answers = await CreateAmidAsync("node-1", waitSeconds, async () =>
        {
            await node.KillAgentAsync(Cancellation);
            await node.StartAgentAsync(Cancellation);
        });

        await Cluster.NodeIsAsync("node-1", "Ready", 15);
        await ShouldBeWholeAsync(answers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    public async Task The_engine_is_killed_amid_ten_creates(int waitSeconds)
    {
        var node = Cluster["node-2"];

        var answers = await CreateAmidAsync("node-2", waitSeconds, async () =>
        {
            await node.KillEngineAsync(Cancellation);
            await node.StartEngineAsync(Cancellation);
        });

        await Cluster.NodeIsAsync("node-2", "Ready", 30);
        await ShouldBeWholeAsync(answers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    public async Task The_server_is_killed_amid_ten_creates(int waitSeconds)
    {
        var answers = await CreateAmidAsync(node: null, waitSeconds, async () =>
        {
            await Cluster.Lab.Server.KillAsync(Cancellation);
            await Cluster.Lab.Server.StartAsync(Cancellation);
        });

        await Cluster.Lab.WaitUntilReadyAsync(TimeSpan.FromSeconds(15), Cancellation);
        await ShouldBeWholeAsync(answers);
    }

    /// <summary>The fault comes when an engine has the first of them. An answer that never came is null.</summary>
    private async Task<IReadOnlyList<Answer?>> CreateAmidAsync(string? node, int waitSeconds, Func<Task> fault)
    {
        var creates = Enumerable.Range(0, Creates).Select(index => AskAsync(
            Specs.Sleeper($"amid-{index}", spec =>
            {
                if (node is not null)
                {
                    spec["constraints"] = Specs.On(node);
                }
            }), waitSeconds)).ToList();
        await Wait.UntilAsync("The first container", 10, async () => (await Cluster.PsAsync()).Count > 0);
        await fault();
        return await Task.WhenAll(creates);
    }

    private async Task<Answer?> AskAsync(object spec, int waitSeconds)
    {
        try
        {
            return await Api.CreateAsync(spec, waitSeconds);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task ShouldBeWholeAsync(IReadOnlyList<Answer?> answers)
    {
        var acknowledged = new List<string>();
        foreach (var answer in answers.OfType<Answer>())
        {
            if (answer.Status == 201)
            {
                acknowledged.Add(answer.As<ContainerView>(201).Id);
            }
            else if (answer.Status == 202)
            {
                var ended = await Api.OperationAsync(answer.As<OperationView>(202).Id, TimeSpan.FromSeconds(30));
                ended.State.ShouldNotBe("running");
                acknowledged.Add(ended.TargetId);
            }
            else
            {
                // An engine that was killed may refuse to start what it has just created.
                answer.Status.ShouldBeOneOf(502, 503);
            }
        }

        // Those without an answer may still be on their way; then they have an operation that ends.
        await Wait.UntilAsync("The end of all operations", 30, async () =>
            (await Api.GetAsync("/operations?state=running")).Json!["total"]!.GetValue<int>() == 0);
        await Cluster.ShouldAgreeAsync();
        var engines = await Cluster.PsAsync();
        engines.Select(container => container.ClusterId).ShouldBeUnique();
        acknowledged.Except(engines.Select(container => container.ClusterId)).ShouldBeEmpty();
        (await Api.ContainersAsync()).ShouldAllBe(container => container.State != "creating");
    }
}
