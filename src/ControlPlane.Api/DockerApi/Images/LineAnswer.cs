using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Images;

/// <summary>An answer of JSON lines that begins with its first line: until then it can still be an error with a status of its own.</summary>
internal sealed class LineAnswer(DockerCall call)
{
    private Stream? _body;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        _body ??= await call.StreamAsync(StatusCodes.Status200OK, DockerCall.Json);
        await _body.WriteAsync(lines, cancellationToken);
        await _body.FlushAsync(cancellationToken);
    }

    /// <summary>Work that had nothing to say has been done all the same.</summary>
    public async Task<Error?> EndAsync(Error? error)
    {
        if (error is null)
        {
            _body ??= await call.StreamAsync(StatusCodes.Status200OK, DockerCall.Json);
        }

        return error;
    }
}
