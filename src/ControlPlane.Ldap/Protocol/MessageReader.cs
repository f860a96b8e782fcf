using System.Text;

namespace ControlPlane.Ldap.Protocol;

/// <summary>
/// Turns one whole message into its typed form. Throws nothing; false and a reason for everything that is not a message this client can get.
/// What it allocates is bounded by the message and the two limits here.
/// </summary>
internal static class MessageReader
{
    /// <summary>No schema has as many; each costs an object although it can be six octets on the wire.</summary>
    private const int MostAttributes = 10_000;

    /// <summary>Values in one entry. A message of 16 MiB full of empty values would otherwise become 200 MB.</summary>
    private const int MostValues = 1_000_000;

    private const int MostCookieBytes = 64 * 1024;

    private const byte ControlsTag = 0xA0;
    private const byte ResponseNameTag = 0x8A;
    private const byte ResponseValueTag = 0x8B;

    public static bool TryRead(ReadOnlySpan<byte> data, out LdapMessage? message, out string problem)
    {
        message = null;
        problem = "The server's message is not well-formed.";
        var outer = new BerReader(data);
        if (!outer.TryEnter(BerReader.Sequence, out var inner) || !outer.IsAtEnd
            || !inner.TryReadInteger(BerReader.Integer, out var id) || id < 0
            || !inner.TryRead(out var operation, out var content))
        {
            return false;
        }

        if (!TryReadCookie(ref inner, out var cookie))
        {
            problem = "The controls of the server's message are not well-formed.";
            return false;
        }

        switch (operation)
        {
            case OperationTag.SearchEntry:
                problem = "An entry of the server's is not well-formed or too large.";
                message = TryReadEntry(content, out var entry) ? new EntryMessage(id, entry!) : null;
                return message is not null;
            case OperationTag.SearchReference:
                message = new ReferenceMessage(id);
                return true;
            case OperationTag.IntermediateResponse:
                message = new IntermediateMessage(id);
                return true;
            case OperationTag.BindResponse or OperationTag.SearchDone or OperationTag.ExtendedResponse:
                problem = "A result of the server's is not well-formed.";
                message = ReadResult(id, operation, content, cookie);
                return message is not null;
            default:
                problem = "The server sent a message that is no answer.";
                return false;
        }
    }

    private static ResultMessage? ReadResult(int id, byte operation, ReadOnlySpan<byte> content, byte[]? cookie)
    {
        var reader = new BerReader(content);
        if (!reader.TryReadInteger(BerReader.Enumerated, out var code) || code < 0
            || !reader.TryRead(BerReader.OctetString, out _)
            || !reader.TryRead(BerReader.OctetString, out var diagnostic))
        {
            return null;
        }

        string? name = null;
        byte[]? value = null;
        while (!reader.IsAtEnd)
        {
            // What is not known here may come with a later version of the protocol (RFC 4511, section 4) and is skipped.
            if (!reader.TryRead(out var tag, out var part))
            {
                return null;
            }

            if (operation == OperationTag.ExtendedResponse && tag == ResponseNameTag)
            {
                name = ServerText.Clean(Encoding.UTF8.GetString(Beginning(part)));
            }
            else if (operation == OperationTag.ExtendedResponse && tag == ResponseValueTag)
            {
                value = part.ToArray();
            }
        }

        return new ResultMessage(id, operation, code, ServerText.Clean(Encoding.UTF8.GetString(Beginning(diagnostic))), name, value, cookie);
    }

    // Four octets for a character is the most there is.
    private static ReadOnlySpan<byte> Beginning(ReadOnlySpan<byte> text) => text[..Math.Min(text.Length, ServerText.MostCharacters * 4)];

    private static bool TryReadEntry(ReadOnlySpan<byte> content, out LdapEntry? entry)
    {
        entry = null;
        var reader = new BerReader(content);
        if (!reader.TryRead(BerReader.OctetString, out var dn) || !reader.TryEnter(BerReader.Sequence, out var list))
        {
            return false;
        }

        var attributes = new List<LdapAttribute>();
        var valuesLeft = MostValues;
        while (!list.IsAtEnd)
        {
            if (attributes.Count == MostAttributes
                || !list.TryEnter(BerReader.Sequence, out var attribute)
                || !attribute.TryRead(BerReader.OctetString, out var description)
                || !attribute.TryEnter(BerReader.Set, out var set)
                || !TryReadValues(set, ref valuesLeft, out var values))
            {
                return false;
            }

            attributes.Add(new LdapAttribute(Encoding.UTF8.GetString(description), values!));
        }

        entry = new LdapEntry(Encoding.UTF8.GetString(dn), attributes);
        return true;
    }

    private static bool TryReadValues(BerReader set, ref int valuesLeft, out List<byte[]>? values)
    {
        values = [];
        while (!set.IsAtEnd)
        {
            if (valuesLeft-- == 0 || !set.TryRead(BerReader.OctetString, out var value))
            {
                return false;
            }

            values.Add(value.ToArray());
        }

        return true;
    }

    /// <summary>The cookie of RFC 2696 when its control is there. Other controls are skipped: none of them was asked for.</summary>
    private static bool TryReadCookie(ref BerReader message, out byte[]? cookie)
    {
        cookie = null;
        while (!message.IsAtEnd)
        {
            if (!message.TryRead(out var tag, out var content))
            {
                return false;
            }

            if (tag != ControlsTag)
            {
                continue;
            }

            var controls = new BerReader(content);
            while (!controls.IsAtEnd)
            {
                if (!controls.TryEnter(BerReader.Sequence, out var control) || !control.TryRead(BerReader.OctetString, out var oid))
                {
                    return false;
                }

                if (oid.SequenceEqual("1.2.840.113556.1.4.319"u8) && !TryReadPage(ref control, out cookie))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool TryReadPage(ref BerReader control, out byte[]? cookie)
    {
        cookie = null;
        if (control.Tag == BerReader.Boolean && !control.TryRead(out _, out _))
        {
            return false;
        }

        if (!control.TryEnter(BerReader.OctetString, out var value)
            || !value.TryEnter(BerReader.Sequence, out var page)
            || !page.TryRead(BerReader.Integer, out _)
            || !page.TryRead(BerReader.OctetString, out var content)
            || content.Length > MostCookieBytes)
        {
            return false;
        }

        cookie = content.ToArray();
        return true;
    }
}
