namespace ControlPlane.Lab;

/// <summary><c>sweep ROOT</c>: ends every temporary lab below a directory; exit code 1 when there was one left.</summary>
internal static class SweepCommand
{
    public static async Task<int> RunAsync(string root)
    {
        var left = 0;
        foreach (var directory in Directory.Exists(root) ? Directory.GetDirectories(root) : [])
        {
            var paths = new LabPaths(directory);
            var processes = (await LeftoverSweep.FindAsync(paths, CancellationToken.None)).Count;
            if (processes > 0 || Directory.Exists($"/sys/class/net/{paths.Bridge}"))
            {
                left++;
                await Console.Error.WriteLineAsync($"Left behind in {directory}: {processes} processes; removed now.");
            }

            await LeftoverSweep.RunAsync(paths, CancellationToken.None);
        }

        await Command.RunAsync("rm", ["-rf", "--one-file-system", root], CancellationToken.None);
        return left == 0 ? 0 : 1;
    }
}
