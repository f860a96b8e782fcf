using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Api.DockerApi;

/// <summary>How JSON is written at this door.</summary>
internal static class JsonForm
{
    // Never shown as HTML: the type is JSON and nosniff is set.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>A buffer kept by its thread: answers are written in one piece, one after the other.</summary>
internal readonly struct ArrayBufferLease : IDisposable
{
    private const int Kept = 1024 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _spare;

    public ArrayBufferLease()
    {
        Writer = _spare ?? new ArrayBufferWriter<byte>(16 * 1024);
        _spare = null;
    }

    public ArrayBufferWriter<byte> Writer { get; }

    public void Dispose()
    {
        if (Writer.Capacity <= Kept)
        {
            Writer.ResetWrittenCount();
            _spare = Writer;
        }
    }
}
