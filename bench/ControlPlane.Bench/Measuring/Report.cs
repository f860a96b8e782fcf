namespace ControlPlane.Bench.Measuring;

/// <summary>Prints each figure as soon as it is known, and counts.</summary>
internal sealed class Report(TextWriter output)
{
    private int _met;
    private int _missed;

    public void Head() => Line("figure", "ours", "baseline", "ratio", "bar", "result", "spread, circumstances");

    public void Add(Figure figure)
    {
        var verdict = figure.Met switch { true => "met", false => "missed", null => "-" };
        _met += figure.Met == true ? 1 : 0;
        _missed += figure.Met == false ? 1 : 0;
        Line(figure.Name, figure.Ours, Or(figure.Baseline), Or(figure.Ratio), Or(figure.Bar), verdict, figure.Note);
    }

    /// <summary>What is going on, for who waits.</summary>
    public void Say(string text) => output.WriteLine($"  … {text}");

    public void Begin(string name, string summary) => output.WriteLine($"{name}: {summary}. Load average {Machine.LoadAverage}.");

    public void End() => output.WriteLine($"{_met} met, {_missed} missed. Load average {Machine.LoadAverage}.");

    private static string Or(string text) => text.Length == 0 ? "-" : text;

    private void Line(string name, string ours, string baseline, string ratio, string bar, string verdict, string note) =>
        output.WriteLine($"{name,-48} {ours,16} {baseline,16} {ratio,8} {bar,12}  {verdict,-6}  {note}".TrimEnd());
}
