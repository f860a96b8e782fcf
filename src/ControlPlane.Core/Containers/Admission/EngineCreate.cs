using System.Text.RegularExpressions;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>A request for a container as the Docker API has it.</summary>
/// <param name="Spec">The body.</param>
/// <param name="Name">Null when one is to be made.</param>
/// <param name="Platform">Null leaves it to the image.</param>
/// <param name="MayPull">A node without the image may pull it.</param>
public sealed partial record EngineCreate(ContainerSpec Spec, string? Name, string? Platform, bool MayPull)
{
    /// <summary>Full id of the image when it was named by its id: only nodes that have it know it; null otherwise.</summary>
    public string? ImageId { get; init; }

    /// <summary>
    /// The engine form with what is ours taken out of it: expressions of placement, names of nodes before networks and volumes (<c>node-1/net</c>), and
    /// networks beyond the first.
    /// </summary>
    internal Admitted<AdmittedContainer> Admit()
    {
        var errors = new FieldErrors();
        if (Name is not null && ContainerName.Problem(Name) is { } problem)
        {
            errors.Add("name", problem);
        }

        var image = Image(errors);
        errors.Require(Platform is null || PlacementRules.TryReadPlatform(Platform, out _), "platform", "must be 'os/architecture' or 'os/architecture/variant', such as 'linux/arm64'");
        Texts(errors);
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        var host = (Spec.HostConfig ?? new HostConfig()) with
        {
            NetworkMode = WithoutNode(Spec.HostConfig?.NetworkMode, nodes),
            Binds = Spec.HostConfig?.Binds?.Select(bind => BindWithoutNode(bind, nodes)).ToList(),
            Mounts = Spec.HostConfig?.Mounts?.Select(mount => mount.Type == "volume" ? mount with { Source = WithoutNode(mount.Source, nodes) } : mount).ToList(),
        };
        var networks = Networks(host.NetworkMode, nodes);
        var swarmErrors = new FieldErrors();
        var swarm = SwarmExpressions.Read(swarmErrors, Spec.Env, Spec.Labels);
        foreach (var error in swarmErrors.All)
        {
            errors.Add(InEngineForm(error.Field), error.Message);
        }

        var spec = Spec with
        {
            Env = swarm.Environment,
            Labels = swarm.Labels,
            HostConfig = host,
            // Engines before API 1.44 take the address of the first network from here, later ones from either.
            MacAddress = Spec.MacAddress is { Length: > 0 } mac ? mac : networks is [{ Value.MacAddress: { Length: > 0 } first }, ..] ? first : null,
            NetworkingConfig = networks.Count == 0
                ? null
                : new NetworkingConfig { EndpointsConfig = new Dictionary<string, EndpointSettings?>(StringComparer.Ordinal) { [networks[0].Key] = networks[0].Value } },
        };
        return errors.Result(() => new AdmittedContainer
        {
            Name = Name,
            Spec = spec,
            Image = image,
            FurtherNetworks = [.. networks.Skip(1)],
            Demand = SpecDemand.Of(spec),
            Constraints = [.. swarm.Constraints, .. nodes.Select(node => "node.name==" + node.Replace(".", "\\.", StringComparison.Ordinal))],
            Affinities = ImageId is null ? swarm.Affinities : [.. swarm.Affinities, "image==" + ImageId],
            Dependencies = SpecDependencies.Of(spec, networks.Skip(1).Select(network => network.Key)),
            Platform = PlacementRules.TryReadPlatform(Platform, out var platform) ? platform : null,
            Reschedule = swarm.Reschedule ?? ReschedulePolicy.Off,
            Strategy = null,
            Collection = null,
            Start = false,
            Pull = MayPull && ImageId is null ? PullPolicy.Missing : PullPolicy.Never,
        });
    }

    /// <summary>NUL ends a text for the kernel, and for nobody who judged it before.</summary>
    private void Texts(FieldErrors errors)
    {
        foreach (var (field, texts) in (ReadOnlySpan<(string, IEnumerable<string>?)>)
        [
            ("Env", Spec.Env), ("Cmd", Spec.Cmd), ("Entrypoint", Spec.Entrypoint), ("HostConfig.Binds", Spec.HostConfig?.Binds),
            ("Labels", Spec.Labels?.SelectMany(label => new[] { label.Key, label.Value })),
            ("HostConfig.Mounts", Spec.HostConfig?.Mounts?.SelectMany(mount => new[] { mount.Source, mount.Target }).OfType<string>()),
            ("Hostname", One(Spec.Hostname)), ("User", One(Spec.User)), ("WorkingDir", One(Spec.WorkingDir)),
        ])
        {
            errors.Require(texts?.All(text => text is not null && !text.Contains('\0', StringComparison.Ordinal)) != false, field, "must hold texts without NUL");
        }
    }

    private static string[]? One(string? text) => text is null ? null : [text];

    private ImageReference? Image(FieldErrors errors)
    {
        if (Spec.Image is not { Length: > 0 } name)
        {
            errors.Add("Image", "is required");
            return null;
        }

        if (ImageReference.IsImageId(name))
        {
            return null;
        }

        if (!ImageReference.TryParse(name, out var reference, out var problem))
        {
            errors.Add("Image", problem);
        }

        return reference;
    }

    /// <summary>The first is the one of the network mode: that is the one the engine makes the container in.</summary>
    private List<KeyValuePair<string, EndpointSettings>> Networks(string? mode, HashSet<string> nodes)
    {
        var networks = new List<KeyValuePair<string, EndpointSettings>>();
        var isDefault = mode is null or "" or "default" or "bridge";
        foreach (var (given, settings) in Spec.NetworkingConfig?.EndpointsConfig ?? new Dictionary<string, EndpointSettings?>(0))
        {
            var name = WithoutNode(given, nodes)!;
            var endpoint = settings ?? new EndpointSettings();
            if (name == "default" && isDefault)
            {
                // Newer clients say this of every container; the engine knows the network as 'bridge'.
                if (endpoint == new EndpointSettings() || endpoint is { IPAMConfig: null, Links: null, Aliases: null, DriverOpts: null, MacAddress: null or "" })
                {
                    continue;
                }

                name = "bridge";
            }

            var first = name == mode || (name == "bridge" && isDefault);
            networks.Insert(first ? 0 : networks.Count, new KeyValuePair<string, EndpointSettings>(name, endpoint));
        }

        return networks;
    }

    private static string? WithoutNode(string? name, HashSet<string> nodes)
    {
        if (name is null || NodeAndName().Match(name) is not { Success: true } match || name.StartsWith("container:", StringComparison.Ordinal))
        {
            return name;
        }

        nodes.Add(match.Groups["node"].Value);
        return match.Groups["name"].Value;
    }

    private static string BindWithoutNode(string bind, HashSet<string> nodes)
    {
        var colon = bind.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 ? bind : WithoutNode(bind[..colon], nodes) + bind[colon..];
    }

    private static string InEngineForm(string field) =>
        field.StartsWith("env", StringComparison.Ordinal) ? "Env" + field[3..]
        : field.StartsWith("labels", StringComparison.Ordinal) ? "Labels" + field[6..]
        : field;

    [GeneratedRegex(@"^(?<node>[a-zA-Z0-9][a-zA-Z0-9_.-]*)/(?<name>[a-zA-Z0-9][a-zA-Z0-9_.-]*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex NodeAndName();
}
