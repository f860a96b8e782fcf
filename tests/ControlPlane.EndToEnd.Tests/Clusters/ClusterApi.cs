using System.Globalization;
using System.Net.Http.Json;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>REST as a person with curl would use it.</summary>
internal sealed class ClusterApi(LabApi lab, CancellationToken? cancellation = null) : IDisposable
{
    // A test's own unless something outlives tests.
    private CancellationToken Cancellation => cancellation ?? TestContext.Current.CancellationToken;

    public HttpClient Client => lab.Client;

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, content: null);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, content: null);

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body), headers);

    public Task<Answer> PatchAsync(string path, object body, string? ifMatch) =>
        SendAsync(HttpMethod.Patch, path, JsonContent.Create(body), ifMatch is null ? [] : [("If-Match", ifMatch)]);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var request = new HttpRequestMessage(method, "/api/v1" + path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await Client.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        return new Answer((int)answer.StatusCode, text, answer.Headers, TimeProvider.System.GetElapsedTime(started));
    }

    /// <summary>Asks for a container and waits for it.</summary>
    public Task<Answer> CreateAsync(object spec, int waitSeconds = 25, params (string Name, string Value)[] headers) => PostAsync(
        "/containers", spec, [("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={waitSeconds}")), .. headers]);

    /// <summary>A container that must come to be.</summary>
    public async Task<ContainerView> RunAsync(object spec) => (await CreateAsync(spec)).As<ContainerView>(201);

    public async Task<ContainerView> ContainerAsync(string idOrName) => (await GetAsync($"/containers/{idOrName}")).As<ContainerView>();

    public async Task<ContainerView> ActAsync(string id, string verb) => (await PostAsync($"/containers/{id}/{verb}")).As<ContainerView>();

    public Task<IReadOnlyList<ContainerView>> ContainersAsync(string filter = "") => AllAsync<ContainerView>("/containers", filter);

    public Task<IReadOnlyList<NodeView>> NodesAsync() => AllAsync<NodeView>("/nodes", "");

    public async Task<NodeView> NodeAsync(string name) => (await GetAsync($"/nodes/{name}")).As<NodeView>();

    /// <summary>A list, page by page to its end.</summary>
    public async Task<IReadOnlyList<T>> AllAsync<T>(string path, string filter)
    {
        var all = new List<T>();
        string? cursor = null;
        do
        {
            var page = (await GetAsync($"{path}?limit=200{filter}{(cursor is null ? "" : $"&cursor={cursor}")}")).As<Page<T>>();
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }

    /// <summary>Waits for the end of an operation.</summary>
    public async Task<OperationView> OperationAsync(string id, TimeSpan limit)
    {
        OperationView? seen = null;
        await Deadline.UntilAsync(
            $"The end of operation {id}", limit,
            async _ =>
            {
                seen = (await GetAsync($"/operations/{id}")).As<OperationView>();
                return seen.State != "running";
            },
            Cancellation);
        return seen!;
    }

    public void Dispose() => lab.Dispose();
}
