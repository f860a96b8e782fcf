namespace ControlPlane.Ldap.Protocol;

/// <summary>
/// Reads the BER that LDAP allows (RFC 4511, section 5.1): definite lengths, tags of one octet, strings in one piece. Lengths need not be minimal;
/// Active Directory always writes four octets. Throws nothing: hostile input is common here and exceptions are slow.
/// </summary>
internal ref struct BerReader(ReadOnlySpan<byte> data)
{
    public const byte Boolean = 0x01;
    public const byte Integer = 0x02;
    public const byte OctetString = 0x04;
    public const byte Enumerated = 0x0A;
    public const byte Sequence = 0x30;
    public const byte Set = 0x31;

    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The next tag, 0 at the end.</summary>
    public readonly byte Tag => _rest.IsEmpty ? (byte)0 : _rest[0];

    /// <summary>Any element.</summary>
    public bool TryRead(out byte tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryReadHeader(_rest, out tag, out var headerLength, out var length) || length > _rest.Length - headerLength)
        {
            return false;
        }

        content = _rest.Slice(headerLength, (int)length);
        _rest = _rest[(headerLength + (int)length)..];
        return true;
    }

    /// <summary>An element with this tag.</summary>
    public bool TryRead(byte expected, out ReadOnlySpan<byte> content)
    {
        content = default;
        return Tag == expected && TryRead(out _, out content);
    }

    /// <summary>An element with this tag whose content is read by another reader.</summary>
    public bool TryEnter(byte expected, out BerReader inner)
    {
        var isThere = TryRead(expected, out var content);
        inner = new BerReader(content);
        return isThere;
    }

    /// <summary>An integer or enumerated value of at most four octets.</summary>
    public bool TryReadInteger(byte expected, out int value)
    {
        value = 0;
        if (!TryRead(expected, out var content) || content.Length is 0 or > 4)
        {
            return false;
        }

        value = (sbyte)content[0];
        foreach (var octet in content[1..])
        {
            value = (value << 8) | octet;
        }

        return true;
    }

    /// <summary>
    /// Tag and length at the beginning of <paramref name="data"/>. False when they are not allowed or not all there;
    /// <paramref name="headerLength"/> is then 0 in the second case and -1 in the first.
    /// </summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> data, out byte tag, out int headerLength, out long length)
    {
        tag = 0;
        headerLength = 0;
        length = 0;
        if (data.IsEmpty)
        {
            return false;
        }

        tag = data[0];
        if ((tag & 0x1F) == 0x1F)
        {
            headerLength = -1;
            return false;
        }

        if (data.Length < 2)
        {
            return false;
        }

        if (data[1] < 0x80)
        {
            headerLength = 2;
            length = data[1];
            return true;
        }

        // 0x80 would be an indefinite length; more than four octets are no honest one.
        var octets = data[1] & 0x7F;
        if (octets is 0 or > 4)
        {
            headerLength = -1;
            return false;
        }

        if (data.Length < 2 + octets)
        {
            return false;
        }

        foreach (var octet in data.Slice(2, octets))
        {
            length = (length << 8) | octet;
        }

        headerLength = 2 + octets;
        return true;
    }
}
