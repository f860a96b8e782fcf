using System.Globalization;

namespace ControlPlane.Lab;

/// <summary>The options of <c>up</c>, <c>down</c> and <c>status</c> as given on the command line.</summary>
internal sealed class UpArguments
{
    public string Data { get; private set; } = "data";

    public bool Detach { get; private set; }

    public int? Port { get; private set; }

    public int? DockerPort { get; private set; }

    public int? Nodes { get; private set; }

    public string? Database { get; private set; }

    public string? PublicUrl { get; private set; }

    public Dictionary<string, IReadOnlyDictionary<string, string>> NodeLabels { get; } = [];

    public static UpArguments Parse(string command, IReadOnlyList<string> arguments)
    {
        var parsed = new UpArguments();
        var rest = new Queue<string>(arguments.SelectMany(SplitAtEqualsSign));
        while (rest.TryDequeue(out var option))
        {
            if (command != "up" && option != "--data")
            {
                throw new LabException($"{command} does not know \"{option}\"; it takes --data DIR only.");
            }

            if (option == "--detach")
            {
                parsed.Detach = true;
            }
            else
            {
                parsed.Take(option, () => rest.TryDequeue(out var value) && value.Length > 0
                    ? value : throw new LabException($"{option} needs a value."));
            }
        }

        return parsed;
    }

    /// <summary>What to start: what is given, else what the directory remembers, else the defaults.</summary>
    public LabOptions Options()
    {
        var remembered = LabState.Read(new LabPaths(Data));
        var labels = remembered?.NodeLabels.ToDictionary(
            node => node.Key, node => (IReadOnlyDictionary<string, string>)node.Value) ?? [];
        foreach (var (node, own) in NodeLabels)
        {
            labels[node] = own;
        }

        var port = Port ?? remembered?.Port ?? 8443;
        return new LabOptions
        {
            Directory = Data,
            Nodes = Nodes ?? remembered?.Nodes ?? 0,
            NodeLabels = labels,
            Port = port,
            DockerPort = DockerPort ?? remembered?.DockerPort ?? 2376,
            Database = Database ?? remembered?.Database ?? "SQLITE",
            PublicUrl = PublicUrl ?? PublicUrlOf(remembered, port),
            OutsideAccess = true,
        };
    }

    // A changed port changes an address that was only made from it.
    private static string PublicUrlOf(LabState? remembered, int port) =>
        remembered?.PublicUrl is { } url && remembered.Port == port ? url
            : string.Create(CultureInfo.InvariantCulture, $"https://{Environment.MachineName}:{port}");

    private void Take(string option, Func<string> value)
    {
        switch (option)
        {
            case "--data": Data = value(); break;
            case "--port": Port = Number(option, value(), 1, 65535); break;
            case "--docker-port": DockerPort = Number(option, value(), 1, 65535); break;
            case "--nodes": Nodes = Number(option, value(), 1, 244); break;
            case "--node-labels": AddLabels(value()); break;
            case "--database": Database = DatabaseOf(value()); break;
            case "--public-url": PublicUrl = UrlOf(value()); break;
            default: throw new LabException($"up does not know \"{option}\".");
        }
    }

    private void AddLabels(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var pairs = colon < 1 ? [] : text[(colon + 1)..].Split(',').Select(pair => pair.Split('=', 2)).ToList();
        if (pairs.Count == 0 || pairs.Any(pair => pair.Length != 2 || pair[0].Trim().Length == 0))
        {
            throw new LabException($"--node-labels takes NAME:key=value,…, not \"{text}\".");
        }

        var labels = NodeLabels.TryGetValue(text[..colon], out var earlier) ? earlier.ToDictionary() : [];
        foreach (var pair in pairs)
        {
            labels[pair[0].Trim()] = pair[1].Trim();
        }

        NodeLabels[text[..colon]] = labels;
    }

    private static string DatabaseOf(string text) => text.Equals("SQLITE", StringComparison.OrdinalIgnoreCase)
        ? "SQLITE"
        : text.Contains("Host=", StringComparison.OrdinalIgnoreCase)
            ? text
            : throw new LabException($"--database takes SQLITE or a PostgreSQL connection string with Host=…, not \"{text}\".");

    private static string UrlOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            ? text.TrimEnd('/')
            : throw new LabException($"--public-url takes https://HOST[:PORT], not \"{text}\".");

    private static int Number(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new LabException($"{option} takes a number from {least} to {most}, not \"{text}\".");

    private static string[] SplitAtEqualsSign(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.Contains('=', StringComparison.Ordinal)
            ? argument.Split('=', 2) : [argument];
}
