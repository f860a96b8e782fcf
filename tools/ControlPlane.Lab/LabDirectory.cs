namespace ControlPlane.Lab;

/// <summary>Directories for labs that live only as long as a test or a benchmark.</summary>
public static class LabDirectory
{
    /// <summary>Set by the launcher, which looks below it for what a run has left behind.</summary>
    public const string RootVariable = "CONTROLPLANE_LAB_ROOT";

    public static string CreateTemporary()
    {
        var root = Environment.GetEnvironmentVariable(RootVariable);
        if (string.IsNullOrEmpty(root))
        {
            root = Path.Combine(Path.GetTempPath(), "cplab");
        }

        // Open to all for passing through: PostgreSQL runs as nobody below it.
        const UnixFileMode passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(root, passable);
        string path;
        do
        {
            path = Path.Combine(root, Path.GetRandomFileName()[..6]);
        }
        while (Directory.Exists(path));

        Directory.CreateDirectory(path, passable);
        return path;
    }
}
