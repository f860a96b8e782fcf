using System.Text.Json.Serialization;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>The one error body (RFC 9457).</summary>
internal sealed record ProblemBody
{
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    public required string Instance { get; init; }

    /// <summary>Stable; for machines.</summary>
    public required string Code { get; init; }

    public required string RequestId { get; init; }

    /// <summary>Messages by field path.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Seconds; also as header.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RetryAfter { get; init; }

    /// <summary>Why no node fits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public object? Placement { get; init; }

    /// <summary>What <c>If-Match</c> should have named.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}
