using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Turns a request for a container into the engine's form, or names everything that is wrong with it.</summary>
public static class ContainerAdmission
{
    private const int MaxUser = 256;
    private const int MaxStopTimeout = 365 * 24 * 3600;
    private const int MaxCollection = 512;

    public static Admitted<AdmittedContainer> Admit(ContainerCreateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var errors = new FieldErrors();
        Name(errors, request.Name);
        var image = Image(errors, request.Image);
        var networks = NetworkRules.Admit(errors, request);
        var resources = request.Resources ?? new ResourcesRequest();
        ResourceRules.Limits(errors, resources);
        Process(errors, request);
        Placement(errors, request);
        var ports = PortRules.Admit(errors, request.Ports);
        TextRules.Labels(errors, "labels", request.Labels);
        var swarm = SwarmExpressions.Read(errors, TextRules.Environment(errors, request.Env), request.Labels);
        PlacementRules.Admit(errors, request, swarm);
        var generic = ResourceRules.Generic(errors, "resources.generic", resources.Generic);
        var spec = new ContainerSpec
        {
            Image = request.Image,
            Hostname = request.Hostname,
            User = request.User,
            Tty = request.Tty,
            OpenStdin = request.OpenStdin,
            Env = swarm.Environment,
            Cmd = request.Command,
            Entrypoint = request.Entrypoint,
            WorkingDir = request.WorkingDir,
            Labels = swarm.Labels,
            StopSignal = request.StopSignal,
            StopTimeout = request.StopTimeoutSeconds,
            Healthcheck = HealthcheckRules.Admit(errors, request.Healthcheck),
            ExposedPorts = ports?.Exposed,
            HostConfig = new HostConfig
            {
                Memory = resources.MemoryBytes,
                MemoryReservation = resources.MemoryReservationBytes,
                NanoCpus = resources.NanoCpus,
                CpuShares = resources.CpuShares,
                PidsLimit = resources.PidsLimit,
                PortBindings = ports?.Bindings,
                Mounts = MountRules.Admit(errors, request.Mounts),
                NetworkMode = request.NetworkMode ?? (networks.Count > 0 ? networks[0].Key : null),
                RestartPolicy = ResourceRules.Restart(errors, request.RestartPolicy),
                ReadonlyRootfs = request.ReadOnlyRootfs,
                Init = request.Init,
                Ulimits = ResourceRules.Ulimits(errors, request.Ulimits),
                LogConfig = Logging(errors, request.Logging),
                CapAdd = Capabilities(errors, "capAdd", request.CapAdd),
                CapDrop = Capabilities(errors, "capDrop", request.CapDrop),
                Privileged = request.Privileged,
                ExtraHosts = ExtraHosts(errors, request.ExtraHosts),
                Dns = Dns(errors, request.Dns),
                Links = Links(errors, request.Links),
                VolumesFrom = VolumesFrom(errors, request.VolumesFrom),
            },
            NetworkingConfig = networks.Count == 0
                ? null
                : new NetworkingConfig { EndpointsConfig = new Dictionary<string, EndpointSettings?>(StringComparer.Ordinal) { [networks[0].Key] = networks[0].Value } },
        };

        return errors.Result(() => new AdmittedContainer
        {
            Name = request.Name,
            Spec = spec,
            Image = image,
            FurtherNetworks = [.. networks.Skip(1)],
            Demand = SpecDemand.Of(spec, resources.NanoCpusReservation) with { GenericResources = generic },
            Constraints = [.. swarm.Constraints, .. request.Constraints ?? []],
            Affinities = [.. swarm.Affinities, .. request.Affinities ?? []],
            Dependencies = SpecDependencies.Of(spec, networks.Skip(1).Select(network => network.Key)),
            Platform = PlacementRules.TryReadPlatform(request.Platform, out var platform) ? platform : null,
            Reschedule = PlacementRules.Policy(request, swarm),
            RescheduleWithVolumes = request.RescheduleWithVolumes ?? false,
            Strategy = request.Strategy,
            Collection = request.Collection,
            Start = request.Start ?? true,
            Pull = request.Pull == "never" ? PullPolicy.Never : PullPolicy.Missing,
        });
    }

    internal static void Name(FieldErrors errors, string? name)
    {
        if (name is not null && ContainerName.Problem(name) is { } problem)
        {
            errors.Add("name", problem);
        }
    }

    private static ImageReference? Image(FieldErrors errors, string? image)
    {
        if (image is null)
        {
            errors.Add("image", "is required");
            return null;
        }

        if (!ImageReference.IsImageId(image) && !ImageReference.TryParse(image, out _, out var problem))
        {
            errors.Add("image", problem);
        }

        return !ImageReference.IsImageId(image) && ImageReference.TryParse(image, out var reference, out _) ? reference : null;
    }

    private static void Process(FieldErrors errors, ContainerCreateRequest request)
    {
        TextRules.Arguments(errors, "command", request.Command);
        TextRules.Arguments(errors, "entrypoint", request.Entrypoint);
        TextRules.Token(errors, "user", request.User, MaxUser);
        if (request.WorkingDir is not null)
        {
            TextRules.AbsolutePath(errors, "workingDir", request.WorkingDir);
        }

        errors.Require(request.StopSignal is null || Signal.TryParse(request.StopSignal, out _), "stopSignal", "must be a signal, such as 'SIGTERM' or 15");
        errors.Require(request.StopTimeoutSeconds is null or (>= -1 and <= MaxStopTimeout), "stopTimeoutSeconds", "must be 0 to 31536000, or -1 to wait for ever");
        errors.Require(request.Hostname is null || HostName.IsValid(request.Hostname), "hostname", "must be a host name of at most 63 characters");
    }

    private static void Placement(FieldErrors errors, ContainerCreateRequest request)
    {
        errors.Require(request.Pull is null or "missing" or "never", "pull", "must be 'missing' or 'never'");
        errors.Require(
            request.Collection is null || IsCollection(request.Collection),
            "collection",
            "must be a path such as '/Shared/Web': names of letters, digits, blanks, '_', '.' and '-', beginning and ending with a letter or digit");
    }

    private static bool IsCollection(string path) =>
        path.Length <= MaxCollection && path.StartsWith('/')
        && (path.Length == 1 || path[1..].Split('/').All(name =>
            name.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_' or '.' or '-')));

    private static LogConfig? Logging(FieldErrors errors, LoggingRequest? logging)
    {
        if (logging is null)
        {
            return null;
        }

        TextRules.Token(errors, "logging.driver", logging.Driver, MaxUser);
        TextRules.Options(errors, "logging.options", logging.Options);
        errors.Require(logging.Driver is not null || logging.Options is not { Count: > 0 }, "logging.driver", "is required with options");
        return new LogConfig { Type = logging.Driver, Config = logging.Options };
    }

    private static IReadOnlyList<string>? Capabilities(FieldErrors errors, string field, IReadOnlyList<string>? names)
    {
        Each(errors, field, names, Capability.IsValid, "must be a capability of Linux, such as 'NET_ADMIN', or 'ALL'");
        return names;
    }

    private static IReadOnlyList<string>? ExtraHosts(FieldErrors errors, IReadOnlyList<string>? hosts)
    {
        Each(errors, "extraHosts", hosts, IsExtraHost, "must be a host name and an address, 'name:10.0.0.1', or 'name:host-gateway'");
        return hosts;
    }

    private static IReadOnlyList<string>? Dns(FieldErrors errors, IReadOnlyList<string>? servers)
    {
        Each(errors, "dns", servers, server => PortPublication.TryParseAddress(server, out _), "must be an IPv4 or IPv6 address");
        return servers;
    }

    private static IReadOnlyList<string>? Links(FieldErrors errors, IReadOnlyList<string>? links)
    {
        Each(errors, "links", links, IsLink, "must be a container, or a container and an alias, 'db:database'");
        return links is { Count: > 0 } ? links : null;
    }

    private static IReadOnlyList<string>? VolumesFrom(FieldErrors errors, IReadOnlyList<string>? containers)
    {
        Each(errors, "volumesFrom", containers, IsVolumesFrom, "must be a container, with ':ro' or ':rw' if wanted");
        return containers is { Count: > 0 } ? containers : null;
    }

    private static bool IsLink(string link) => link.Split(':') is { Length: 1 or 2 } parts && NetworkRules.IsContainer(parts[0]) && (parts.Length == 1 || HostName.IsDnsName(parts[1]));

    private static bool IsVolumesFrom(string text) => text.Split(':') is { Length: 1 or 2 } parts && NetworkRules.IsContainer(parts[0]) && (parts.Length == 1 || parts[1] is "ro" or "rw");

    private static bool IsExtraHost(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && HostName.IsDnsName(line[..colon])
            && (line[(colon + 1)..] == "host-gateway" || PortPublication.TryParseAddress(line[(colon + 1)..], out _));
    }

    private static void Each(FieldErrors errors, string field, IReadOnlyList<string>? values, Func<string, bool> valid, string message)
    {
        if (values is null || !errors.Require(values.Count <= TextRules.MaxItems, field, TextRules.TooMany))
        {
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            errors.Require(values[i] is not null && valid(values[i]), $"{field}[{i}]", message);
        }
    }
}
