using ControlPlane.Core.Access;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Identity;

/// <summary>
/// Asks the directory about a password. It may hang: a few at a time, each with a deadline, so that neither local accounts nor the
/// server's threads wait for it.
/// </summary>
public sealed class DirectorySignIn(IEnumerable<IDirectoryPasswords> directories, IExternalAccounts accounts, TimeProvider clock) : IDisposable
{
    public const int Parallel = 16;

    // A person waits for the answer; directories answer in milliseconds or not at all.
    public static readonly TimeSpan QueueDeadline = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8);

    private readonly IDirectoryPasswords? _directory = directories.LastOrDefault();
    private readonly SemaphoreSlim _places = new(Parallel);

    public bool IsEnabled => _directory is { IsEnabled: true };

    /// <summary>Id of the account of the person, brought up to date.</summary>
    public async Task<Result<string>> CheckAsync(string name, string? password, CancellationToken cancellationToken)
    {
        // An empty password would be an anonymous bind that succeeds.
        if (_directory is null || !PasswordHash.IsPlausible(password, minimumLength: 1))
        {
            return Wrong();
        }

        using var queue = new CancellationTokenSource(QueueDeadline, clock);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(queue.Token, cancellationToken);
        try
        {
            await _places.WaitAsync(waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable();
        }

        var found = await AskAsync(_directory, name, password!, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error is UnavailableError ? Unavailable() : found.Error is UnauthenticatedError ? Wrong() : found.Error;
        }

        var user = await accounts.ProvisionAsync(found.Value, Caller.System("sign-in"), cancellationToken);
        return user.IsSuccess ? user.Value.Id : user.Error;
    }

    public void Dispose() => _places.Dispose();

    private async Task<Result<ExternalPerson>> AskAsync(IDirectoryPasswords directory, string name, string password, CancellationToken cancellationToken)
    {
        var deadline = new CancellationTokenSource(Deadline, clock);
        var asking = RunAsync();
        try
        {
            // Waited for with a deadline of its own: one that hangs may not heed the cancellation either.
            return await asking.WaitAsync(Deadline, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Unavailable();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable();
        }

        // Its place is free when it has really ended, however long that takes.
        async Task<Result<ExternalPerson>> RunAsync()
        {
            try
            {
                return await directory.CheckAsync(name, password, deadline.Token);
            }
            catch (OperationCanceledException)
            {
                return Unavailable();
            }
            finally
            {
                _places.Release();
                deadline.Dispose();
            }
        }
    }

    private static UnavailableError Unavailable() =>
        new("auth.directory_unavailable", "The directory does not answer. Accounts of this server itself can sign in meanwhile; try again in a moment.", 5);

    private static UnauthenticatedError Wrong() => new("auth.invalid", "The name or the password is wrong.");
}
