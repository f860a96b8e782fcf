namespace ControlPlane.Bench.Measuring;

/// <summary>Measured values of one kind; percentiles by the nearest rank.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];
    private readonly Lock _gate = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _values.Count;
            }
        }
    }

    public double P50 => Percentile(50);

    public double P99 => Percentile(99);

    public double Max => Percentile(100);

    public void Add(double value)
    {
        lock (_gate)
        {
            _values.Add(value);
        }
    }

    public void AddRange(Samples other)
    {
        double[] copy;
        lock (other._gate)
        {
            copy = [.. other._values];
        }

        lock (_gate)
        {
            _values.AddRange(copy);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _values.Clear();
        }
    }

    public double Percentile(double percent)
    {
        double[] sorted;
        lock (_gate)
        {
            sorted = [.. _values];
        }

        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        Array.Sort(sorted);
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
