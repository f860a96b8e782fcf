using System.Globalization;

namespace ControlPlane.Agent.Hosting;

/// <summary>
/// Says to other processes on this host until when the session counts as alive: the server acknowledged a heartbeat. It belongs into a
/// directory that does not outlive the host, e.g. below <c>/run</c>.
/// </summary>
internal sealed class HealthFile(string? path, TimeProvider time)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // The health command may be run by another user than the agent's.
    private readonly FileStreamOptions _fresh = new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Readable };

    private readonly Lock _gate = new();

    public void Confirm(TimeSpan validFor)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            lock (_gate)
            {
                var next = path + ".new";
                using (var text = new StreamWriter(next, _fresh))
                {
                    text.Write((time.GetUtcNow() + validFor).ToString("O", CultureInfo.InvariantCulture));
                }

                File.Move(next, path, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever asks for health finds an old file or none, which is the right answer.
        }
    }

    public void Remove()
    {
        if (path is null)
        {
            return;
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It runs out by itself.
        }
    }

    /// <summary>Why the agent is not healthy; null when it is.</summary>
    public string? Problem()
    {
        string text;
        try
        {
            text = File.ReadAllText(path!);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "There is no session with the server.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The health file cannot be read: {e.Message}";
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var until))
        {
            return $"'{path}' is not a health file.";
        }

        var late = time.GetUtcNow() - until;
        return late > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"The server has not acknowledged a heartbeat in time; {late.TotalSeconds:F0} s late.")
            : null;
    }
}
