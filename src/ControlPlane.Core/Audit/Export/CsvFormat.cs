using System.Buffers;
using System.Globalization;
using System.Text;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit.Export;

/// <summary>
/// RFC 4180 for spreadsheets: UTF-8, a header, CRLF. Nothing in a cell acts: control characters are shown, and what a spreadsheet would
/// take for a formula is a text.
/// </summary>
internal sealed class CsvFormat : IAuditFormat
{
    private const string Head =
        "time,actorKind,actorId,actorName,credentialId,remoteAddress,action,objectKind,objectId,objectName,result,detail,requestId,count,parameters,before,after,id,seal,sealIndex\r\n";

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    private readonly StringBuilder _line = new();

    public void WriteHead(IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(Head, output);

    public void WriteEntry(IBufferWriter<byte> output, AuditEntity entry)
    {
        _line.Clear();
        _line.Append(SealHash.Time(entry.At));
        Cell(entry.ActorKind);
        Cell(entry.ActorId);
        Cell(entry.ActorName);
        Cell(entry.CredentialId);
        Cell(entry.RemoteAddress);
        Cell(entry.Action);
        Cell(entry.ObjectKind);
        Cell(entry.ObjectId);
        Cell(entry.ObjectName);
        Cell(entry.Result);
        Cell(entry.Detail);
        Cell(entry.RequestId);
        _line.Append(CultureInfo.InvariantCulture, $",{entry.Count}");
        Cell(entry.ParametersJson);
        Cell(entry.BeforeJson);
        Cell(entry.AfterJson);
        _line.Append(CultureInfo.InvariantCulture, $",{entry.Id:D},{entry.Seal},{(entry.Seal is null ? null : entry.SealIndex)}");
        _line.Append("\r\n");
        foreach (var chunk in _line.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, output);
        }
    }

    public void WriteSeal(IBufferWriter<byte> output, AuditSealEntity seal)
    {
        // A table has rows of one kind; the chain is in JSON Lines.
    }

    private void Cell(string? text)
    {
        _line.Append(',');
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        text = AuditText.Inert(text);
        if (text[0] is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠')
        {
            text = "'" + text;
        }

        if (text.AsSpan().IndexOfAny(Special) < 0)
        {
            _line.Append(text);
            return;
        }

        _line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
