namespace ControlPlane.Web.Run;

/// <summary>A container as the form sends it; every row may be empty.</summary>
public sealed class RunForm
{
    public string? Image { get; set; }

    public string? Name { get; set; }

    public string? Command { get; set; }

    public List<PairRow> Env { get; set; } = [];

    public List<PortRow> Ports { get; set; } = [];

    public List<MountRow> Mounts { get; set; } = [];

    public List<PairRow> Labels { get; set; } = [];

    public string? Restart { get; set; }

    public int? MemoryMiB { get; set; }

    public int? ReservationMiB { get; set; }

    public double? Cpus { get; set; }

    /// <summary>One a line.</summary>
    public string? Constraints { get; set; }

    /// <summary>One a line.</summary>
    public string? Affinities { get; set; }

    public string? Collection { get; set; }

    public string? Strategy { get; set; }

    public string? Reschedule { get; set; }

    public bool WithVolumes { get; set; }

    /// <summary>Name and count.</summary>
    public List<PairRow> Generic { get; set; } = [];

    public bool Tty { get; set; }

    public bool NoStart { get; set; }
}

/// <summary>A name and a value.</summary>
public sealed class PairRow
{
    public string? Name { get; set; }

    public string? Value { get; set; }
}

/// <summary>A published port.</summary>
public sealed class PortRow
{
    public int? Host { get; set; }

    public int? Container { get; set; }

    public string? Protocol { get; set; }
}

/// <summary>A mount.</summary>
public sealed class MountRow
{
    public string? Type { get; set; }

    public string? Source { get; set; }

    public string? Target { get; set; }

    public bool ReadOnly { get; set; }
}
