namespace ControlPlane.Engine.Tests.Containers;

internal static class Golden
{
    /// <summary>A recorded body: what docker CLI 28.2 sent to an engine of API 1.41, or what engine 20.10 was seen to accept.</summary>
    public static byte[] Bytes(string name)
    {
        using var stream = typeof(Golden).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
