using System.Buffers;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit.Export;

/// <summary>How an export is written.</summary>
internal interface IAuditFormat
{
    /// <summary>What comes first, if anything.</summary>
    void WriteHead(IBufferWriter<byte> output);

    void WriteEntry(IBufferWriter<byte> output, AuditEntity entry);

    /// <summary>The chain's seals follow the entries when nothing was filtered out.</summary>
    void WriteSeal(IBufferWriter<byte> output, AuditSealEntity seal);
}
