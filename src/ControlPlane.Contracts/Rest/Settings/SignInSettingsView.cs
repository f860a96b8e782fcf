namespace ControlPlane.Contracts.Rest.Settings;

/// <summary>How long sign-ins last and what they ask for.</summary>
/// <param name="IdleMinutes">A session that was not used for so long is over, 5 to 43,200.</param>
/// <param name="AbsoluteHours">No session lasts longer, 1 to 2,160.</param>
/// <param name="SessionsPerUser">At the same time, 1 to 1,000: the one used longest ago goes.</param>
/// <param name="SecondFactor">From whom a second factor is asked: <c>optional</c>, <c>administrators</c>, <c>everybody</c>.</param>
/// <param name="BundleDays">How long certificates of client bundles are good at most, 1 to 366.</param>
/// <param name="Revision">Version: the ETag; 0 while nobody has changed anything.</param>
public sealed record SignInSettingsView(
    int IdleMinutes, int AbsoluteHours, int SessionsPerUser, string SecondFactor, int BundleDays, long Revision);

/// <summary>The body of <c>PUT /api/v1/settings/sign-in</c>; what is left out has its default.</summary>
public sealed record SignInSettingsRequest
{
    /// <summary>5 to 43,200; 720 when left out.</summary>
    public int? IdleMinutes { get; init; }

    /// <summary>1 to 2,160; 168 when left out.</summary>
    public int? AbsoluteHours { get; init; }

    /// <summary>1 to 1,000; 10 when left out.</summary>
    public int? SessionsPerUser { get; init; }

    /// <summary><c>optional</c> when left out.</summary>
    public string? SecondFactor { get; init; }

    /// <summary>1 to 366; 365 when left out.</summary>
    public int? BundleDays { get; init; }
}
