using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit.Retention;

/// <summary>How long the trail is kept, as its row keeps it.</summary>
internal sealed record AuditSettings(int Days)
{
    public const string Name = "audit";
    public const int LeastDays = 30;
    public const int MostDays = 3650;
    public const int DefaultDays = 365;

    /// <summary>Nothing younger is ever deleted, whatever the setting.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromDays(LeastDays);

    public static readonly AuditSettings Default = new(DefaultDays);

    public static AuditSettings Read(SettingEntity? row) =>
        row is null ? Default : JsonSerializer.Deserialize(row.ValueJson, AuditSettingsJson.Default.AuditSettings) ?? Default;

    public string Write() => JsonSerializer.Serialize(this, AuditSettingsJson.Default.AuditSettings);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditSettings))]
internal sealed partial class AuditSettingsJson : JsonSerializerContext;
