using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Core.Containers;

/// <summary>The labels of a stored spec, without reading the rest of it into objects.</summary>
internal static class SpecLabels
{
    public static IReadOnlyDictionary<string, string> Read(string specJson)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(specJson.Length));
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(0, Encoding.UTF8.GetBytes(specJson, bytes)));
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var isLabels = reader.ValueTextEquals("Labels"u8);
                reader.Read();
                if (isLabels)
                {
                    return reader.TokenType == JsonTokenType.StartObject ? Pairs(ref reader) : Scheduling.ContainerFacts.NoLabels;
                }

                reader.Skip();
            }

            return Scheduling.ContainerFacts.NoLabels;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static Dictionary<string, string> Pairs(ref Utf8JsonReader reader)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The same few keys are on every container.
            var key = string.Intern(reader.GetString()!);
            reader.Read();
            labels[key] = reader.GetString() ?? "";
        }

        return labels;
    }
}
