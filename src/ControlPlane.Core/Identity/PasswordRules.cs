namespace ControlPlane.Core.Identity;

/// <summary>What a new password must be: long enough and not a known one; nothing about kinds of characters (ASVS 5, chapter 6.2).</summary>
public static class PasswordRules
{
    public const int MinimumLength = 8;
    public const int MaximumLength = 128;
}
