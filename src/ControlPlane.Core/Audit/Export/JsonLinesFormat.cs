using System.Buffers;
using System.Text.Json;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit.Export;

/// <summary>
/// One JSON object a line, every field exactly as it is hashed (parameters, before and after as the texts they are kept as), so that the
/// chain can be verified from the file alone: docs/design/audit.md.
/// </summary>
internal sealed class JsonLinesFormat : IAuditFormat, IDisposable
{
    // The default encoder: pure ASCII, so nothing in it acts on a terminal.
    private readonly Utf8JsonWriter _json = new(Stream.Null);

    public void WriteHead(IBufferWriter<byte> output)
    {
        // Every line is an object of its own.
    }

    public void WriteEntry(IBufferWriter<byte> output, AuditEntity entry)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("id", entry.Id);
        _json.WriteString("at", SealHash.Time(entry.At));
        _json.WriteString("actorKind", entry.ActorKind);
        _json.WriteString("actorId", entry.ActorId);
        _json.WriteString("actorName", entry.ActorName);
        _json.WriteString("credentialId", entry.CredentialId);
        _json.WriteString("remoteAddress", entry.RemoteAddress);
        _json.WriteString("action", entry.Action);
        _json.WriteString("objectKind", entry.ObjectKind);
        _json.WriteString("objectId", entry.ObjectId);
        _json.WriteString("objectName", entry.ObjectName);
        _json.WriteString("result", entry.Result);
        _json.WriteString("detail", entry.Detail);
        _json.WriteString("requestId", entry.RequestId);
        _json.WriteNumber("count", entry.Count);
        _json.WriteString("parameters", entry.ParametersJson);
        _json.WriteString("before", entry.BeforeJson);
        _json.WriteString("after", entry.AfterJson);
        if (entry.Seal is { } seal)
        {
            _json.WriteNumber("seal", seal);
            _json.WriteNumber("sealIndex", entry.SealIndex);
        }

        EndLine(output);
    }

    public void WriteSeal(IBufferWriter<byte> output, AuditSealEntity seal)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteNumber("sealNumber", seal.Number);
        _json.WriteString("sealedAt", SealHash.Time(seal.SealedAt));
        _json.WriteNumber("entries", seal.Entries);
        _json.WriteString("previousHash", seal.PreviousHash);
        _json.WriteString("hash", seal.Hash);
        _json.WriteBoolean("expired", seal.Expired);
        EndLine(output);
    }

    public void Dispose() => _json.Dispose();

    private void EndLine(IBufferWriter<byte> output)
    {
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }
}
