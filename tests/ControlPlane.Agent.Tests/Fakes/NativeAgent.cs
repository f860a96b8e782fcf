namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>The published agent; null when there is none.</summary>
internal static class NativeAgent
{
    public static string? Binary { get; } = Find("artifacts/agent/controlplane-agent");

    private static string? Find(string path)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, path)))
            {
                return Path.Combine(directory.FullName, path);
            }
        }

        return null;
    }
}
