using System.Globalization;

namespace ControlPlane.Ldap.Protocol;

/// <summary>
/// The option by which Active Directory gives an attribute of many values in pieces: <c>member;range=0-1499</c>, the last one <c>member;range=1500-*</c>
/// ([MS-ADTS] 3.1.1.3.1.3.3).
/// </summary>
/// <param name="Name">The attribute without the option.</param>
/// <param name="First">The index of the first value.</param>
/// <param name="Last">The index of the last value; null when it is the last there is.</param>
internal readonly record struct AttributeRange(string Name, int First, int? Last)
{
    private const string Option = ";range=";

    public static bool IsAskedFor(IReadOnlyList<string> attributes) => attributes.Any(name => name.Contains(Option, StringComparison.OrdinalIgnoreCase));

    public static string From(string name, int first) => string.Create(CultureInfo.InvariantCulture, $"{name}{Option}{first}-*");

    public static AttributeRange? Read(string description)
    {
        var at = description.LastIndexOf(Option, StringComparison.OrdinalIgnoreCase);
        if (at <= 0)
        {
            return null;
        }

        var range = description.AsSpan(at + Option.Length);
        var dash = range.IndexOf('-');
        if (dash <= 0 || !int.TryParse(range[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return null;
        }

        var end = range[(dash + 1)..];
        if (end is "*")
        {
            return new AttributeRange(description[..at], first, null);
        }

        return int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= first && last < int.MaxValue
            ? new AttributeRange(description[..at], first, last)
            : null;
    }
}
