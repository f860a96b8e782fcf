using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Settings;

/// <summary>The settings for placement as their row keeps them.</summary>
internal sealed record SchedulingSettingsRow(string Strategy, int OvercommitPercent)
{
    public const string Name = "scheduling";

    /// <summary>A strategy that this version does not know (the row is of another one) is the default's.</summary>
    public static SchedulingSettings Read(SettingEntity row)
    {
        var kept = JsonSerializer.Deserialize(row.ValueJson, SchedulingSettingsJson.Default.SchedulingSettingsRow)!;
        var known = Scheduling.Placement.Standard.ProblemWithStrategy(kept.Strategy) is null;
        return new SchedulingSettings(known ? kept.Strategy : SchedulingSettings.Default.Strategy, kept.OvercommitPercent, row.Version);
    }

    public string Write() => JsonSerializer.Serialize(this, SchedulingSettingsJson.Default.SchedulingSettingsRow);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SchedulingSettingsRow))]
internal sealed partial class SchedulingSettingsJson : JsonSerializerContext;
