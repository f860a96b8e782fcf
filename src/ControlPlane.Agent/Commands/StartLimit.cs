namespace ControlPlane.Agent.Commands;

/// <summary>How many creates and starts the engine gets at once. Measured: an engine is busiest at two to four per CPU; more only adds latency.</summary>
internal sealed class StartLimit : IDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(8, 4 * Environment.ProcessorCount));

    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
