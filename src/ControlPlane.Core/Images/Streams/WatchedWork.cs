using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Images.Streams;

/// <summary>Work that somebody watches line by line: one audit entry at its end, whichever it is.</summary>
internal sealed record WatchedWork(AuditTrail Audit, Caller Caller, string Action, AuditObject Target, AuditDetails? Asked, Func<string> Detail)
{
    /// <summary>Null when the answer is in <paramref name="lines"/>, perhaps with an error as its last line.</summary>
    public static async Task<Error?> RunAsync(WatchedWork work, LineOutput lines, Func<Task<Error?>> run, CancellationToken cancellationToken)
    {
        try
        {
            var error = await run();
            await work.NoteAsync(error is null ? AuditTrail.Ok : AuditTrail.Failed, error?.Message);
            return await lines.EndAsync(error, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ClientGoneException)
        {
            await work.NoteAsync(AuditTrail.Failed, "the client went away");
            if (exception is ClientGoneException)
            {
                throw new OperationCanceledException(exception.Message, exception, cancellationToken);
            }

            throw;
        }
    }

    private Task NoteAsync(string result, string? what) =>
        Audit.RecordAsync(Caller, Action, Target, result, string.Join("; ", new[] { Detail(), what }.Where(text => text is { Length: > 0 })), Asked, CancellationToken.None);
}
