namespace ControlPlane.Lab;

/// <summary>The working copy and what a build leaves in it.</summary>
public static class Repository
{
    public const string Variable = "CONTROLPLANE_REPO";

    /// <summary>The top of the working copy: the variable, or the first directory upwards that holds the solution.</summary>
    public static string Root { get; } = Find();

    public static string ServerDll => Path.Combine(Root, "artifacts/server/ControlPlane.Api.dll");

    public static string AgentBinary => Path.Combine(Root, "artifacts/agent/controlplane-agent");

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        for (var at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "ControlPlane.sln")))
            {
                return at;
            }
        }

        return Environment.CurrentDirectory;
    }
}
