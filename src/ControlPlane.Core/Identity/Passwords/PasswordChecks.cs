namespace ControlPlane.Core.Identity;

/// <summary>
/// Derives password hashes, a few at a time: each takes about a tenth of a second of one core, and guessing must not take the server's.
/// </summary>
public sealed class PasswordChecks : IDisposable
{
    private readonly SemaphoreSlim _derivations = new(Math.Max(1, Environment.ProcessorCount / 2));
    private long _count;

    /// <summary>Derivations so far. One for each sign-in, whatever its name and password.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <param name="password">What was typed.</param>
    /// <param name="hash">Null when there is none: it takes as long and is never right.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> VerifyAsync(string? password, string? hash, CancellationToken cancellationToken)
    {
        var plausible = PasswordHash.IsPlausible(password);
        var matches = await RunAsync(() => PasswordHash.Verify(plausible ? password! : "-", hash ?? PasswordHash.Dummy), cancellationToken);
        return matches && plausible && hash is not null;
    }

    public Task<string> CreateAsync(string password, CancellationToken cancellationToken) => RunAsync(() => PasswordHash.Create(password), cancellationToken);

    public void Dispose() => _derivations.Dispose();

    private async Task<T> RunAsync<T>(Func<T> derive, CancellationToken cancellationToken)
    {
        await _derivations.WaitAsync(cancellationToken);
        try
        {
            Interlocked.Increment(ref _count);
            return await Task.Run(derive, cancellationToken);
        }
        finally
        {
            _derivations.Release();
        }
    }
}
