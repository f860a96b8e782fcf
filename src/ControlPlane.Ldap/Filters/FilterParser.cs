using System.Text;

namespace ControlPlane.Ldap.Filters;

/// <summary>Reads one filter text (RFC 4515). Stops at the first error; throws nothing.</summary>
internal ref struct FilterParser(string text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    public LdapTextError Error { get; private set; } = new(0, "");

    public LdapFilter? Parse()
    {
        if (_text.Length > LdapFilter.MaxLength)
        {
            return Fail(LdapFilter.MaxLength, $"A filter has at most {LdapFilter.MaxLength} characters.");
        }

        SkipBlanks();
        if (_at == _text.Length)
        {
            return Fail(_at, "The filter is empty.");
        }

        var filter = ParseFilter(0);
        if (filter is null)
        {
            return null;
        }

        SkipBlanks();
        return _at == _text.Length ? filter : Fail(_at, "Nothing may follow the filter's last parenthesis.");
    }

    private LdapFilter? ParseFilter(int depth)
    {
        if (Peek() != '(')
        {
            return Fail(_at, "A filter begins with an opening parenthesis.");
        }

        if (depth > LdapFilter.MaxDepth)
        {
            return Fail(_at, $"A filter is nested at most {LdapFilter.MaxDepth} deep.");
        }

        _at++;
        SkipBlanks();
        var start = _at;
        var filter = Peek() switch
        {
            '&' => ParseList(depth) is { } all ? LdapFilter.And(all) : null,
            '|' => ParseList(depth) is { } any ? LdapFilter.Or(any) : null,
            '!' => ParseNot(depth),
            _ => ParseItem(),
        };
        if (filter is null)
        {
            return null;
        }

        if (filter.Depth + depth > LdapFilter.MaxDepth)
        {
            return Fail(start, $"A filter is nested at most {LdapFilter.MaxDepth} deep.");
        }

        if (Peek() != ')')
        {
            return Fail(_at, "A closing parenthesis is missing.");
        }

        _at++;
        return filter;
    }

    private List<LdapFilter>? ParseList(int depth)
    {
        _at++;
        var filters = new List<LdapFilter>();
        SkipBlanks();
        while (Peek() == '(')
        {
            if (depth + 1 > LdapFilter.MaxDepth)
            {
                Fail(_at, $"A filter is nested at most {LdapFilter.MaxDepth} deep.");
                return null;
            }

            if (ParseFilter(depth + 1) is not { } filter)
            {
                return null;
            }

            filters.Add(filter);
            SkipBlanks();
        }

        return filters;
    }

    private LdapFilter? ParseNot(int depth)
    {
        _at++;
        SkipBlanks();
        if (depth + 1 > LdapFilter.MaxDepth)
        {
            return Fail(_at, $"A filter is nested at most {LdapFilter.MaxDepth} deep.");
        }

        var inner = ParseFilter(depth + 1);
        SkipBlanks();
        return inner is null ? null : LdapFilter.Not(inner);
    }

    private LdapFilter? ParseItem()
    {
        var start = _at;
        var length = _text[_at..].IndexOfAny("=()");
        if (length < 0 || _text[_at + length] != '=')
        {
            return Fail(length < 0 ? _text.Length : _at + length, "An equals sign is missing after the attribute.");
        }

        var left = _text.Slice(start, length);
        _at = start + length + 1;
        if (left.EndsWith(":"))
        {
            return ParseExtensible(start, left[..^1].ToString());
        }

        var comparison = left.Length == 0 ? FilterComparison.Equal : left[^1] switch
        {
            '>' => FilterComparison.GreaterOrEqual,
            '<' => FilterComparison.LessOrEqual,
            '~' => FilterComparison.Approximate,
            _ => FilterComparison.Equal,
        };
        var attribute = (comparison == FilterComparison.Equal ? left : left[..^1]).ToString();
        if (!FilterSyntax.IsAttribute(attribute))
        {
            return Fail(start, attribute.Length == 0 ? "The attribute's name is missing." : "This is not an attribute's name.");
        }

        var valueStart = _at;
        if (ParseParts() is not { } parts)
        {
            return null;
        }

        if (parts.Count == 1)
        {
            return new ComparisonFilter(comparison, attribute, parts[0]);
        }

        return comparison == FilterComparison.Equal
            ? Substring(attribute, parts, valueStart)
            : Fail(valueStart, "An asterisk in such a value is written \\2a.");
    }

    private LdapFilter? Substring(string attribute, List<byte[]> parts, int start)
    {
        if (parts.TrueForAll(part => part.Length == 0))
        {
            return parts.Count == 2 ? new PresenceFilter(attribute) : Fail(start, "Two asterisks follow each other.");
        }

        byte[][] any = [.. parts.Skip(1).SkipLast(1)];
        return any.Any(part => part.Length == 0)
            ? Fail(start, "Two asterisks follow each other.")
            : new SubstringFilter(attribute, parts[0].Length == 0 ? null : parts[0], any, parts[^1].Length == 0 ? null : parts[^1]);
    }

    private LdapFilter? ParseExtensible(int start, string left)
    {
        // attribute [":dn"] [":" rule], or [":dn"] ":" rule: the first part is empty then.
        var parts = left.Split(':');
        var attribute = parts[0];
        var rest = parts.AsSpan(1);
        var dnAttributes = rest.Length > 0 && rest[0].Equals("dn", StringComparison.OrdinalIgnoreCase);
        if (dnAttributes)
        {
            rest = rest[1..];
        }

        if (rest.Length > 1 || (rest.Length == 1 && !FilterSyntax.IsName(rest[0])))
        {
            return Fail(start, "This is not a matching rule's name.");
        }

        if (attribute.Length == 0 ? rest.Length == 0 : !FilterSyntax.IsAttribute(attribute))
        {
            return Fail(start, attribute.Length == 0 ? "The attribute or the matching rule is missing." : "This is not an attribute's name.");
        }

        var valueStart = _at;
        if (ParseParts() is not { } values)
        {
            return null;
        }

        return values.Count == 1
            ? new ExtensibleFilter(attribute.Length == 0 ? null : attribute, rest.Length == 0 ? null : rest[0], values[0], dnAttributes)
            : Fail(valueStart, "An asterisk in such a value is written \\2a.");
    }

    /// <summary>The value up to the closing parenthesis, cut at its asterisks, unescaped.</summary>
    private List<byte[]>? ParseParts()
    {
        var end = _text[_at..].IndexOfAny("()\0");
        if (end < 0)
        {
            Fail(_text.Length, "A closing parenthesis is missing.");
            return null;
        }

        if (_text[_at + end] != ')')
        {
            Fail(_at + end, "In a value an opening parenthesis is written \\28 and a NUL \\00.");
            return null;
        }

        var parts = new List<byte[]>(1);
        var value = _text.Slice(_at, end);
        var offset = _at;
        while (true)
        {
            var star = value.IndexOf('*');
            var part = star < 0 ? value : value[..star];
            if (Unescape(part, offset) is not { } bytes)
            {
                return null;
            }

            parts.Add(bytes);
            if (star < 0)
            {
                _at = offset + value.Length;
                return parts;
            }

            offset += star + 1;
            value = value[(star + 1)..];
        }
    }

    private byte[]? Unescape(ReadOnlySpan<char> part, int offset)
    {
        if (!part.Contains('\\'))
        {
            var whole = new byte[Encoding.UTF8.GetByteCount(part)];
            Encoding.UTF8.GetBytes(part, whole);
            return whole;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(part.Length)];
        var count = 0;
        var at = 0;
        while (at < part.Length)
        {
            if (part[at] != '\\')
            {
                var plain = part[at..].IndexOf('\\') is var next and >= 0 ? part.Slice(at, next) : part[at..];
                count += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(count));
                at += plain.Length;
            }
            else if (at + 2 < part.Length && char.IsAsciiHexDigit(part[at + 1]) && char.IsAsciiHexDigit(part[at + 2]))
            {
                bytes[count++] = (byte)((HexValue(part[at + 1]) << 4) | HexValue(part[at + 2]));
                at += 3;
            }
            else
            {
                Fail(offset + at, "A backslash is followed by two hexadecimal digits.");
                return null;
            }
        }

        return bytes[..count];
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private readonly char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private LdapFilter? Fail(int position, string reason)
    {
        Error = new LdapTextError(position, reason);
        return null;
    }
}
