using System.Globalization;
using System.Text;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>What a synchronisation tells people about itself: lines with times. Bounded, whatever the directory holds.</summary>
internal sealed class SyncLog(TimeProvider clock)
{
    private const int MostLines = 5000;
    private const int MostLineCharacters = 500;

    private readonly StringBuilder _text = new();
    private int _lines;

    /// <summary>Whether something made the run less than whole.</summary>
    public bool HasProblems => Problems > 0;

    public int Problems { get; private set; }

    /// <summary>The first one: it says why.</summary>
    public string? FirstProblem { get; private set; }

    public void Note(string text) => Write("      ", text);

    public void Problem(string text)
    {
        Problems++;
        FirstProblem ??= text;
        Write("!     ", text);
    }

    public override string ToString() =>
        _lines <= MostLines ? _text.ToString() : string.Create(CultureInfo.InvariantCulture, $"{_text}… and {_lines - MostLines} lines more\n");

    private void Write(string mark, string text)
    {
        if (++_lines > MostLines)
        {
            return;
        }

        // Names of a directory must not forge lines.
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c).Take(MostLineCharacters)]);
        _text.Append(clock.GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)).Append(' ').Append(mark, 0, 2).Append(line).Append('\n');
    }
}
