using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ControlPlane.Lab;

/// <summary>Reads /proc and signals processes by their id.</summary>
internal static class ProcessTable
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Interrupt = 2;
    public const int Continue = 18;
    public const int Stop = 19;

    public static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 1 && pid != Environment.ProcessId);

    /// <summary>False for a process that has ended, also while nobody has collected it yet.</summary>
    public static bool IsRunning(int pid) => Stat(pid) is [var state, ..] && state != "X" && (state != "Z" || HasOtherThreads(pid));

    // A killed process's first thread may be a zombie while others are still ending; until they have, its ports are taken.
    private static bool HasOtherThreads(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task").Skip(1).Any();
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static int Parent(int pid) => Stat(pid) is [_, var parent, ..]
        ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    public static string CommandLine(int pid) => Read($"/proc/{pid}/cmdline").Replace('\0', ' ');

    public static string ControlGroups(int pid) => Read($"/proc/{pid}/cgroup");

    public static IReadOnlySet<int> Descendants(IEnumerable<int> roots)
    {
        var children = All().ToLookup(Parent);
        var found = new HashSet<int>();
        var open = new Stack<int>(roots);
        while (open.TryPop(out var pid))
        {
            foreach (var child in children[pid].Where(found.Add))
            {
                open.Push(child);
            }
        }

        return found;
    }

    public static void Signal(int pid, int signal)
    {
        if (pid > 1)
        {
            _ = SendSignal(pid, signal);
        }
    }

    // State and parent follow the program's name, which stands in parentheses and may hold spaces.
    private static string[] Stat(int pid)
    {
        var text = Read($"/proc/{pid}/stat");
        var end = text.LastIndexOf(')');
        return end < 0 ? [] : text[(end + 2)..].Split(' ');
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
