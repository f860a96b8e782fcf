using System.Globalization;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Reads <c>user[:group]</c> as runtimes do.</summary>
internal static class ContainerUser
{
    /// <summary>Root, or not known to be somebody else: nothing, <c>root</c>, and every number that is 0 (<c>00</c>, <c>+0</c>).</summary>
    public static bool IsRoot(string? user)
    {
        var name = NameOf(user);
        return name.Length == 0 || name == "root" || (TryNumber(name, out var uid) && uid == 0);
    }

    /// <summary>A number that is not 0. What a name stands for is for the image to say, so a name proves nothing.</summary>
    public static bool IsSurelyNotRoot(string? user) => TryNumber(NameOf(user), out var uid) && uid > 0;

    private static string NameOf(string? user) => user is null ? "" : user.Split(':', 2)[0].Trim();

    // Go's Atoi: an optional sign and digits.
    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
