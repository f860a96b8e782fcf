using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ControlPlane.Engine.Json;

/// <summary>Walks a document beside the metadata of its model and notes every place where they differ.</summary>
internal sealed class ShapeCheck
{
    // A path is for reading: a key longer than this is cut.
    private const int LongestKeyShown = 64;

    private readonly List<SpecError> _errors = [];
    private readonly List<string> _path = [];

    private bool Full => _errors.Count >= StrictJson.MaxErrors;

    public IReadOnlyList<SpecError> Run(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = StrictJson.MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                Add("must not be null");
            }
            else
            {
                Value(ref reader, type);
            }

            // Nothing may follow; the reader throws when something does.
            reader.Read();
        }
        catch (JsonException e)
        {
            Add(string.Create(
                CultureInfo.InvariantCulture,
                $"is not valid JSON at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1} (nothing may be nested deeper than {StrictJson.MaxDepth})"));
        }

        return _errors;
    }

    private void Value(ref Utf8JsonReader reader, JsonTypeInfo type)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                Object(ref reader, type);
                break;
            case JsonTypeInfoKind.Dictionary:
                Dictionary(ref reader, type.Options.GetTypeInfo(type.ElementType!));
                break;
            case JsonTypeInfoKind.Enumerable:
                List(ref reader, type.Options.GetTypeInfo(type.ElementType!));
                break;
            default:
                Leaf(ref reader, type);
                break;
        }
    }

    private void Object(ref Utf8JsonReader reader, JsonTypeInfo type)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Wrong(ref reader, "an object");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (!Key(ref reader, seen, out var name))
            {
                continue;
            }

            Push(name);
            var member = type.Properties.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.Ordinal));
            reader.Read();
            if (member is null)
            {
                Add(UnknownKey(type, name));
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.Null)
            {
                if (!Nullable(member.PropertyType))
                {
                    Add("must not be null");
                }
            }
            else if (member.CustomConverter is StringListConverter)
            {
                StringOrList(ref reader);
            }
            else
            {
                Value(ref reader, type.Options.GetTypeInfo(member.PropertyType));
            }

            Pop();
        }
    }

    private void Dictionary(ref Utf8JsonReader reader, JsonTypeInfo element)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Wrong(ref reader, "an object");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (!Key(ref reader, seen, out var name, entry: true))
            {
                continue;
            }

            Push(name, entry: true);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null)
            {
                Value(ref reader, element);
            }
            else if (element.Kind == JsonTypeInfoKind.None)
            {
                // Lists and objects may be null in a map (docker-py's ports and networks); texts and numbers may not.
                Add("must not be null");
            }

            Pop();
        }
    }

    private void List(ref Utf8JsonReader reader, JsonTypeInfo element)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Wrong(ref reader, "a list");
            return;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            _path.Add(string.Create(CultureInfo.InvariantCulture, $"[{i}]"));
            if (reader.TokenType == JsonTokenType.Null)
            {
                Add("must not be null");
            }
            else
            {
                Value(ref reader, element);
            }

            Pop();
        }
    }

    private void StringOrList(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            Text(ref reader);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Wrong(ref reader, "a string or a list of strings");
            return;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            _path.Add(string.Create(CultureInfo.InvariantCulture, $"[{i}]"));
            Text(ref reader);
            Pop();
        }
    }

    private void Leaf(ref Utf8JsonReader reader, JsonTypeInfo type)
    {
        var kind = System.Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (kind == typeof(string))
        {
            Text(ref reader);
        }
        else if (kind == typeof(bool))
        {
            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            {
                Wrong(ref reader, "true or false");
            }
        }
        else if (kind == typeof(long))
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out _))
            {
                Wrong(ref reader, "a whole number of 64 bits");
            }
        }
        else if (kind == typeof(int))
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out _))
            {
                Wrong(ref reader, "a whole number of 32 bits");
            }
        }
        else if (kind == typeof(double))
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var number) || !double.IsFinite(number))
            {
                Wrong(ref reader, "a number");
            }
        }
        else
        {
            Other(ref reader, type);
        }
    }

    // Kinds the engine's bodies do not have but other bodies may (identifiers, times, enumerations): their own converter is asked.
    private void Other(ref Utf8JsonReader reader, JsonTypeInfo type)
    {
        var before = reader;
        try
        {
            JsonSerializer.Deserialize(ref before, type);
            reader.Skip();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            Wrong(ref reader, "a valid " + (System.Nullable.GetUnderlyingType(type.Type) ?? type.Type).Name);
        }
    }

    private void Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            Wrong(ref reader, "a string");
            return;
        }

        if (!WellFormed(ref reader, out _))
        {
            Add("must be well-formed Unicode text");
        }
    }

    private bool Key(ref Utf8JsonReader reader, HashSet<string> seen, out string name, bool entry = false)
    {
        if (!WellFormed(ref reader, out name))
        {
            Add("has a key that is not well-formed Unicode text");
            reader.Read();
            reader.Skip();
            return false;
        }

        if (!seen.Add(name))
        {
            Push(name, entry);
            Add("is given more than once");
            Pop();
            reader.Read();
            reader.Skip();
            return false;
        }

        return true;
    }

    private static bool WellFormed(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // Invalid UTF-8 or half a surrogate pair: Go would put U+FFFD there, so the two of us would see different texts.
            text = "";
            return false;
        }
    }

    private void Wrong(ref Utf8JsonReader reader, string expected)
    {
        Add("must be " + expected);
        reader.Skip();
    }

    private static string UnknownKey(JsonTypeInfo type, string name)
    {
        var folded = Fold(name);
        var meant = type.Properties.FirstOrDefault(p => string.Equals(Fold(p.Name), folded, StringComparison.OrdinalIgnoreCase));
        return meant is null ? "is not a known field" : $"is not a known field; it is spelled '{meant.Name}'";
    }

    // The two characters outside ASCII that Go's decoder folds onto ASCII letters.
    private static string Fold(string name) => name.Replace('\u017F', 's').Replace('\u212A', 'k');

    private static bool Nullable(Type type) => !type.IsValueType || System.Nullable.GetUnderlyingType(type) is not null;

    // Members read HostConfig.Memory, entries of a map Labels["a"].
    private void Push(string name, bool entry = false)
    {
        var shown = name.Length > LongestKeyShown ? name[..LongestKeyShown] + "…" : name;
        if (!entry && shown.Length > 0 && shown.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            _path.Add(_path.Count == 0 ? shown : "." + shown);
            return;
        }

        var quoted = new StringBuilder("[\"");
        foreach (var c in shown)
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '"' or '\\')
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                quoted.Append(c);
            }
        }

        _path.Add(quoted.Append("\"]").ToString());
    }

    private void Pop() => _path.RemoveAt(_path.Count - 1);

    private void Add(string message)
    {
        if (!Full)
        {
            _errors.Add(new SpecError(_path.Count == 0 ? "$" : string.Concat(_path), message));
        }
    }
}
