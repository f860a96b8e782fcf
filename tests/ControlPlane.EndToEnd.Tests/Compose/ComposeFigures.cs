using System.Globalization;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>What the run measured, printed by each test's output; docs/performance.md was written from one such run.</summary>
internal sealed class ComposeFigures
{
    private readonly List<string> _lines = [];

    public void Add(string what, TimeSpan time) => Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {time.TotalSeconds:F1} s"));

    public void Add(string line)
    {
        _lines.Add(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }

    public string All => string.Join('\n', _lines);
}
