using System.Text;

namespace ControlPlane.Ldap.Names;

/// <summary>Reads one distinguished name. Stops at the first error; throws nothing.</summary>
internal ref struct NameParser(string text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    public LdapTextError Error { get; private set; } = new(0, "");

    public RelativeName[]? Parse()
    {
        if (_text.Length > DistinguishedName.MaxLength)
        {
            Fail(DistinguishedName.MaxLength, $"A name has at most {DistinguishedName.MaxLength} characters.");
            return null;
        }

        SkipBlanks();
        if (_at == _text.Length)
        {
            return [];
        }

        var components = new List<RelativeName>();
        var parts = new List<NamePart>(1);
        while (true)
        {
            if (ParsePart() is not { } part)
            {
                return null;
            }

            parts.Add(part);
            var separator = _at < _text.Length ? _text[_at] : ',';
            if (separator != '+')
            {
                components.Add(new RelativeName([.. parts]));
                parts.Clear();
            }

            if (_at == _text.Length)
            {
                return [.. components];
            }

            _at++;
        }
    }

    private NamePart? ParsePart()
    {
        SkipBlanks();
        var start = _at;
        var length = _text[_at..].IndexOfAny("=,+;");
        if (length < 0 || _text[start + length] != '=')
        {
            return Fail(length < 0 ? _text.Length : start + length, "An equals sign is missing after the attribute.");
        }

        var type = _text.Slice(start, length).TrimEnd(' ').ToString();
        var plain = type.StartsWith("OID.", StringComparison.OrdinalIgnoreCase) ? type[4..] : type;
        if (!Filters.FilterSyntax.IsName(plain))
        {
            return Fail(start, type.Length == 0 ? "The attribute's name is missing." : "This is not an attribute's name.");
        }

        _at = start + length + 1;
        SkipBlanks();
        var valueStart = _at;
        var isBinary = false;
        var value = Peek() switch
        {
            '#' => ParseHexadecimal(out isBinary),
            '"' => ParseQuoted(),
            _ => ParseString(),
        };
        if (value is null)
        {
            return null;
        }

        return value.Length == 0 ? Fail(valueStart, "The value is missing.") : new NamePart(plain, value, isBinary);
    }

    private string? ParseString()
    {
        var bytes = new List<byte>();
        var kept = 0;
        while (_at < _text.Length && _text[_at] is not (',' or '+' or ';'))
        {
            var character = _text[_at];
            if (character is '"' or '<' or '>' or '\0')
            {
                Fail(_at, "This character is written with a backslash before it.");
                return null;
            }

            var isEscaped = character == '\\';
            if (!(isEscaped ? TakeEscaped(bytes) : TakePlain(bytes)))
            {
                return null;
            }

            // Blanks at the end do not count unless they are escaped.
            kept = isEscaped || character != ' ' ? bytes.Count : kept;
        }

        return Encoding.UTF8.GetString([.. bytes[..kept]]);
    }

    private string? ParseQuoted()
    {
        _at++;
        var bytes = new List<byte>();
        while (_at < _text.Length && _text[_at] != '"')
        {
            if (!(_text[_at] == '\\' ? TakeEscaped(bytes) : TakePlain(bytes)))
            {
                return null;
            }
        }

        if (_at == _text.Length)
        {
            Fail(_at, "A closing quote is missing.");
            return null;
        }

        _at++;
        return EndOfValue() ? Encoding.UTF8.GetString([.. bytes]) : null;
    }

    /// <summary>The value's BER form. Text in it is taken as such; anything else keeps its digits.</summary>
    private string? ParseHexadecimal(out bool isBinary)
    {
        isBinary = false;
        _at++;
        var digits = 0;
        while (_at + digits < _text.Length && char.IsAsciiHexDigit(_text[_at + digits]))
        {
            digits++;
        }

        if (digits == 0 || digits % 2 != 0)
        {
            Fail(_at + digits, "After the number sign come pairs of hexadecimal digits.");
            return null;
        }

        var bytes = Convert.FromHexString(_text.Slice(_at, digits));
        _at += digits;
        if (!EndOfValue())
        {
            return null;
        }

        // OCTET STRING, UTF8String, PrintableString, IA5String in their shortest form.
        isBinary = bytes is not [0x04 or 0x0C or 0x13 or 0x16, var length, _, ..] || length > 0x7F || length != bytes.Length - 2;
        return isBinary ? "#" + Convert.ToHexStringLower(bytes) : Encoding.UTF8.GetString(bytes.AsSpan(2));
    }

    private bool TakePlain(List<byte> bytes)
    {
        var length = char.IsHighSurrogate(_text[_at]) && _at + 1 < _text.Length && char.IsLowSurrogate(_text[_at + 1]) ? 2 : 1;
        Add(bytes, _text.Slice(_at, length));
        _at += length;
        return true;
    }

    private bool TakeEscaped(List<byte> bytes)
    {
        if (_at + 2 < _text.Length && char.IsAsciiHexDigit(_text[_at + 1]) && char.IsAsciiHexDigit(_text[_at + 2]))
        {
            bytes.Add(Convert.FromHexString(_text.Slice(_at + 1, 2))[0]);
            _at += 3;
            return true;
        }

        if (_at + 1 < _text.Length && !char.IsAsciiLetterOrDigit(_text[_at + 1]) && char.IsAscii(_text[_at + 1]))
        {
            bytes.Add((byte)_text[_at + 1]);
            _at += 2;
            return true;
        }

        Fail(_at, "A backslash is followed by a special character or two hexadecimal digits.");
        return false;
    }

    private static void Add(List<byte> bytes, ReadOnlySpan<char> characters)
    {
        Span<byte> utf8 = stackalloc byte[8];
        var count = Encoding.UTF8.GetBytes(characters, utf8);
        bytes.AddRange(utf8[..count]);
    }

    private bool EndOfValue()
    {
        SkipBlanks();
        if (_at == _text.Length || _text[_at] is ',' or '+' or ';')
        {
            return true;
        }

        Fail(_at, "Nothing may follow the value before the next component.");
        return false;
    }

    private readonly char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\n' or '\r')
        {
            _at++;
        }
    }

    private NamePart? Fail(int position, string reason)
    {
        Error = new LdapTextError(position, reason);
        return null;
    }
}
