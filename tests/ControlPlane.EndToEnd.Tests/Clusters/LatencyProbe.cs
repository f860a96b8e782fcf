using System.Collections.Concurrent;
using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>Somebody who goes on working on one node while others are in trouble: list, create, stop, remove, again and again.</summary>
internal sealed class LatencyProbe : IAsyncDisposable
{
    // A worker that never lets go would be load, not a user.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<(string What, Answer Answer)> _answers = new();
    private readonly Task _work;

    private LatencyProbe(ClusterApi api, string node) => _work = WorkAsync(api, node);

    public static LatencyProbe Start(TestCluster cluster, string node) =>
        new(new ClusterApi(cluster.Lab.Server.OpenApi(), CancellationToken.None), node);

    /// <summary>Goes on until so much time has passed since then.</summary>
    public static Task HoldAsync(long since, TimeSpan length) => Wait.UntilAsync(
        "The end of the fault", length.TotalSeconds + 5, () => Task.FromResult(TimeProvider.System.GetElapsedTime(since) >= length));

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _work;
    }

    /// <summary>Ends the work; every answer must have been good and have come within two seconds.</summary>
    public async Task ShouldHaveBeenUnaffectedAsync()
    {
        await StopAsync();
        _answers.Count.ShouldBeGreaterThan(4);
        _answers.Where(one => one.Answer.Status >= 300 || one.Answer.Took >= TimeSpan.FromSeconds(2))
            .Select(one => $"{one.What}: {one.Answer.Status} after {one.Answer.Took.TotalMilliseconds:0} ms {one.Answer.Text}")
            .ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WorkAsync(ClusterApi api, string node)
    {
        using var own = api;
        while (!_stopping.IsCancellationRequested)
        {
            Note("list", await api.GetAsync("/containers"));
            Note("nodes", await api.GetAsync("/nodes"));
            var created = Note("create", await api.CreateAsync(Specs.Sleeper(also: spec => spec["constraints"] = Specs.On(node))));
            if (created.Status == 201)
            {
                var id = created.As<ContainerView>(201).Id;
                Note("stop", await api.PostAsync($"/containers/{id}/stop"));
                Note("remove", await api.DeleteAsync($"/containers/{id}"));
            }

            await Task.Delay(Pause, TimeProvider.System, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Answer Note(string what, Answer answer)
    {
        _answers.Enqueue((what, answer));
        return answer;
    }
}
