using System.Globalization;

namespace ControlPlane.Api.DockerApi.Routing;

/// <summary>A version of the Engine API and the range this door speaks.</summary>
internal readonly record struct DockerVersion(int Major, int Minor) : IComparable<DockerVersion>
{
    /// <summary>Below it, <c>start</c> took a body that rewrote the container.</summary>
    public static readonly DockerVersion Oldest = new(1, 24);

    /// <summary>The newest one whose fields <c>ControlPlane.Engine</c> models.</summary>
    public static readonly DockerVersion Newest = new(1, 44);

    /// <summary>Reads <c>1.41</c>: no signs, no leading zeros, at most three digits each.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DockerVersion version)
    {
        version = default;
        var dot = text.IndexOf('.');
        if (dot <= 0 || !TryNumber(text[..dot], out var major) || !TryNumber(text[(dot + 1)..], out var minor))
        {
            return false;
        }

        version = new DockerVersion(major, minor);
        return true;
    }

    public int CompareTo(DockerVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public static bool operator <(DockerVersion left, DockerVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(DockerVersion left, DockerVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(DockerVersion left, DockerVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DockerVersion left, DockerVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 3 && (text.Length == 1 || text[0] != '0')
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
