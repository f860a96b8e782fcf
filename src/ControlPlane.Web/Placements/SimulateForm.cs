using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Web.Run;

namespace ControlPlane.Web.Placements;

/// <summary>A question "what would go where" as the address holds it; every row may be empty.</summary>
public sealed class SimulateForm
{
    private const long MiB = 1024 * 1024;

    public string? Image { get; set; }

    public int? Count { get; set; }

    public int? MemoryMiB { get; set; }

    public double? Cpus { get; set; }

    public List<PortRow> Ports { get; set; } = [];

    public List<string?> Constraints { get; set; } = [];

    public List<string?> Affinities { get; set; } = [];

    public List<PairRow> Generic { get; set; } = [];

    public string? Strategy { get; set; }

    public List<NodeChangeRow> Changes { get; set; } = [];

    public List<NodeAdditionRow> Additions { get; set; } = [];

    /// <summary>Nothing was asked yet.</summary>
    public bool IsEmpty => Text(Image) is null && !Changes.Exists(row => Text(row.Node) is not null) && !Additions.Exists(row => Text(row.Like) is not null);

    /// <summary>A container's own request, to be changed and asked again.</summary>
    public static SimulateForm From(ContainerCreateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new SimulateForm
        {
            Image = request.Image,
            MemoryMiB = (int?)((request.Resources?.MemoryReservationBytes ?? request.Resources?.MemoryBytes) / MiB),
            Cpus = (request.Resources?.NanoCpusReservation ?? request.Resources?.NanoCpus) / 1e9,
            Ports = [.. (request.Ports ?? []).Where(port => port.HostPort is not null).Select(port => new PortRow { Host = port.HostPort, Container = port.ContainerPort, Protocol = port.Protocol })],
            Constraints = [.. request.Constraints ?? []],
            Affinities = [.. request.Affinities ?? []],
            Generic = [.. (request.Resources?.Generic ?? new Dictionary<string, long>()).Select(pair => new PairRow { Name = pair.Key, Value = pair.Value.ToString(System.Globalization.CultureInfo.InvariantCulture) })],
            Strategy = request.Strategy,
        };
    }

    public SimulationRequest ToRequest() => new()
    {
        Requests = Text(Image) is null ? null : [new SimulatedCreate { Request = Create(), Count = Count }],
        Changes = new SimulatedChanges
        {
            Nodes = [.. Changes.Where(row => Text(row.Node) is not null && row.To != "remove").Select(row => row.ToChange())],
            RemoveNodes = [.. Changes.Where(row => Text(row.Node) is not null && row.To == "remove").Select(row => row.Node!.Trim())],
            AddNodes = [.. Additions.Where(row => Text(row.Like) is not null).Select(row => new SimulatedNodeAddition { Like = row.Like!.Trim(), Count = row.Count })],
        },
    };

    /// <summary>The address of this question; the run form and containers lead there.</summary>
    public string ToUrl()
    {
        var query = new List<string>();
        Add("Image", Image);
        Add("MemoryMiB", MemoryMiB);
        Add("Cpus", Cpus);
        Add("Strategy", Strategy);
        for (var i = 0; i < Ports.Count; i++)
        {
            Add($"Ports[{i}].Host", Ports[i].Host);
            Add($"Ports[{i}].Container", Ports[i].Container);
            Add($"Ports[{i}].Protocol", Ports[i].Protocol);
        }

        for (var i = 0; i < Constraints.Count; i++)
        {
            Add($"Constraints[{i}]", Constraints[i]);
        }

        for (var i = 0; i < Affinities.Count; i++)
        {
            Add($"Affinities[{i}]", Affinities[i]);
        }

        for (var i = 0; i < Generic.Count; i++)
        {
            Add($"Generic[{i}].Name", Generic[i].Name);
            Add($"Generic[{i}].Value", Generic[i].Value);
        }

        return "/placements/simulate?" + string.Join('&', query);

        void Add(string name, object? value)
        {
            if (Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) is { Length: > 0 } text)
            {
                query.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(text)}");
            }
        }
    }

    private ContainerCreateRequest Create() => new()
    {
        Image = Image!.Trim(),
        Ports = [.. Ports.Where(port => port.Host is not null || port.Container is not null)
            .Select(port => new PortRequest { ContainerPort = port.Container ?? port.Host, HostPort = port.Host, Protocol = Text(port.Protocol) })],
        Resources = new ResourcesRequest
        {
            MemoryReservationBytes = MemoryMiB * MiB,
            NanoCpusReservation = (long?)(Cpus * 1e9),
            Generic = RunRequest.Generic(Generic),
        },
        Constraints = [.. Constraints.Select(Text).OfType<string>()],
        Affinities = [.. Affinities.Select(Text).OfType<string>()],
        Strategy = Text(Strategy),
    };

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>A node and what becomes of it.</summary>
public sealed class NodeChangeRow
{
    public static readonly IReadOnlyList<(string Value, string Text)> Choices =
        [("drain", "is drained"), ("down", "fails"), ("remove", "is removed"), ("pause", "is paused"), ("active", "is active")];

    public string? Node { get; set; }

    public string? To { get; set; }

    public SimulatedNodeChange ToChange() => new() { Node = Node!.Trim(), State = To == "down" ? "down" : null, Availability = To == "down" ? null : To ?? "drain" };
}

/// <summary>New nodes like one that is there.</summary>
public sealed class NodeAdditionRow
{
    public string? Like { get; set; }

    public int? Count { get; set; }
}
