namespace ControlPlane.Core.Identity;

/// <summary>What has to be done before a session counts.</summary>
public static class PendingStep
{
    public const string SecondFactor = "second_factor";
    public const string PasswordChange = "password_change";
}
