using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Identity;

/// <summary>From whom a second factor is asked.</summary>
public enum SecondFactorRule
{
    /// <summary>From those who have set one up.</summary>
    Optional,

    /// <summary>Administrators must have one.</summary>
    Administrators,

    /// <summary>Everybody who signs in by a password must have one.</summary>
    Everybody,
}

/// <summary>How long sign-ins last and what they ask for.</summary>
public sealed record SignInSettings
{
    public const string Name = "sign-in";

    public static readonly SignInSettings Default = new();

    /// <summary>A session that was not used for so long is over.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(12);

    /// <summary>No session lasts longer.</summary>
    public TimeSpan Absolute { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Of one user at the same time: the one used longest ago goes.</summary>
    public int SessionsPerUser { get; init; } = 10;

    public SecondFactorRule SecondFactor { get; init; }

    /// <summary>How long certificates of client bundles are good at most.</summary>
    public int BundleDays { get; init; } = 365;

    /// <summary>0 while nobody has changed them.</summary>
    public long Revision { get; init; }

    internal static SignInSettings Read(SettingEntity row)
    {
        var kept = JsonSerializer.Deserialize(row.ValueJson, SignInSettingsJson.Default.SignInSettingsRow)!;
        return new SignInSettings
        {
            Idle = TimeSpan.FromMinutes(kept.IdleMinutes),
            Absolute = TimeSpan.FromHours(kept.AbsoluteHours),
            SessionsPerUser = kept.SessionsPerUser,
            SecondFactor = kept.SecondFactor,
            BundleDays = kept.BundleDays,
            Revision = row.Version,
        };
    }

    internal string Write() => JsonSerializer.Serialize(
        new SignInSettingsRow((int)Idle.TotalMinutes, (int)Absolute.TotalHours, SessionsPerUser, SecondFactor, BundleDays),
        SignInSettingsJson.Default.SignInSettingsRow);
}

/// <summary>The settings as their row keeps them.</summary>
internal sealed record SignInSettingsRow(int IdleMinutes, int AbsoluteHours, int SessionsPerUser, SecondFactorRule SecondFactor, int BundleDays);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SignInSettingsRow))]
internal sealed partial class SignInSettingsJson : JsonSerializerContext;
