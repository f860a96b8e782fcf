using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Hosting;

/// <summary>What libc says about this process and files, and the one way down from root. glibc does it for all threads at once.</summary>
internal static partial class ProcessUser
{
    public const uint Root = 0;

    private const string LibC = "libc";
    private const int CurrentDirectory = -100;
    private const int ReadAndWrite = 4 | 2;
    private const int GroupReadAndWrite = 0b000_110_000;

    // struct statx (linux/stat.h): its layout is the same on every architecture.
    private const int StatSize = 256;
    private const int StatUser = 20;
    private const int StatGroup = 24;
    private const int StatMode = 28;
    private const uint StatWanted = 0x2 | 0x8 | 0x10;

    public static uint Current() => GetEffectiveUser();

    /// <summary>Null when there is no such file.</summary>
    public static SocketOwners? OwnersOf(string path)
    {
        var stat = new byte[StatSize];
        if (Stat(CurrentDirectory, path, 0, StatWanted, stat) != 0)
        {
            return null;
        }

        var mode = BinaryPrimitives.ReadUInt16LittleEndian(stat.AsSpan(StatMode));
        return new SocketOwners(
            BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(StatUser)),
            BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(StatGroup)),
            (mode & GroupReadAndWrite) == GroupReadAndWrite);
    }

    public static bool MayUse(string path) => Access(path, ReadAndWrite) == 0;

    /// <summary>Goes on as this user, whose only group beside its own is <paramref name="group"/>. There is no way back.</summary>
    /// <exception cref="AgentRefusedException">The kernel refused, e.g. without the capabilities SETUID and SETGID.</exception>
    public static void Become(uint user, uint group)
    {
        // Groups first: afterwards nobody would be allowed to.
        Check(SetGroups(1, [group]));
        Check(SetGroup(user, user, user));
        Check(SetUser(user, user, user));
        if (GetEffectiveUser() != user || SetUser(Root, Root, Root) == 0)
        {
            throw new AgentRefusedException("Root could not be given up for good; start the agent as another user instead.");
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new AgentRefusedException(
                $"Root cannot be given up ({new Win32Exception(Marshal.GetLastPInvokeError()).Message}): the agent needs the capabilities SETUID and SETGID for that, or another user to start as.");
        }
    }

    [LibraryImport(LibC, EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUser();

    [LibraryImport(LibC, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(int directory, string path, int flags, uint mask, [Out] byte[] result);

    [LibraryImport(LibC, EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);

    [LibraryImport(LibC, EntryPoint = "setgroups", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetGroups(nuint count, uint[] groups);

    [LibraryImport(LibC, EntryPoint = "setresgid", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetGroup(uint real, uint effective, uint saved);

    [LibraryImport(LibC, EntryPoint = "setresuid", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetUser(uint real, uint effective, uint saved);
}
