using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.Web.Run;

/// <summary>From the form to the request that every door sends; admission judges it, not this page.</summary>
public static class RunRequest
{
    private const long MiB = 1024 * 1024;

    public static ContainerCreateRequest From(RunForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return new ContainerCreateRequest
        {
            Image = form.Image?.Trim(),
            Name = Text(form.Name),
            Collection = Text(form.Collection),
            Command = Text(form.Command) is { } command ? CommandWords.Split(command) : null,
            Env = Pairs(form.Env),
            Labels = Pairs(form.Labels),
            Ports = Rows(form.Ports, port => port.Container is not null || port.Host is not null, port => new PortRequest { ContainerPort = port.Container, HostPort = port.Host, Protocol = Text(port.Protocol) }),
            Mounts = Rows(form.Mounts, mount => Text(mount.Target) is not null || Text(mount.Source) is not null, mount => new MountRequest { Type = mount.Type, Source = Text(mount.Source), Target = Text(mount.Target), ReadOnly = mount.ReadOnly ? true : null }),
            Resources = Resources(form),
            RestartPolicy = Text(form.Restart) is { } restart ? new RestartPolicyRequest { Name = restart } : null,
            Constraints = Lines(form.Constraints),
            Affinities = Lines(form.Affinities),
            Strategy = Text(form.Strategy),
            ReschedulePolicy = Text(form.Reschedule),
            RescheduleWithVolumes = form.WithVolumes ? true : null,
            Tty = form.Tty ? true : null,
            Start = form.NoStart ? false : null,
        };
    }

    private static ResourcesRequest? Resources(RunForm form) =>
        form is { MemoryMiB: null, ReservationMiB: null, Cpus: null } && Generic(form.Generic) is null
            ? null
            : new ResourcesRequest
            {
                MemoryBytes = form.MemoryMiB * MiB,
                MemoryReservationBytes = form.ReservationMiB * MiB,
                NanoCpus = (long?)(form.Cpus * 1e9),
                Generic = Generic(form.Generic),
            };

    /// <summary>Names with counts; what is not a number becomes 0, which admission refuses with the name.</summary>
    public static IReadOnlyDictionary<string, long>? Generic(List<PairRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Pairs(rows)?.ToDictionary(
            pair => pair.Key,
            pair => long.TryParse(pair.Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count) ? count : 0,
            StringComparer.Ordinal);
    }

    /// <summary>The same question for a simulation: without name, environment and labels, which do not belong into an address.</summary>
    public static Placements.SimulateForm ToSimulation(RunForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        var simulation = Placements.SimulateForm.From(From(form));
        simulation.Strategy = Text(form.Strategy);
        return simulation;
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static IReadOnlyList<TTo>? Rows<TFrom, TTo>(List<TFrom> rows, Func<TFrom, bool> isFilled, Func<TFrom, TTo> to) =>
        rows.Exists(row => isFilled(row)) ? [.. rows.Where(isFilled).Select(to)] : null;

    /// <summary>The last one wins, as on a command line.</summary>
    private static Dictionary<string, string>? Pairs(List<PairRow> rows)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in rows.Where(row => Text(row.Name) is not null))
        {
            pairs[row.Name!.Trim()] = row.Value ?? "";
        }

        return pairs.Count == 0 ? null : pairs;
    }

    private static string[]? Lines(string? text) =>
        text?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } lines ? lines : null;
}
