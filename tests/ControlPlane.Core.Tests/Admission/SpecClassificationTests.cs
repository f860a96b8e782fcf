using System.Reflection;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Networks;
using ControlPlane.Engine.Volumes;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>No property of an engine form goes by unclassified: it reaches the host, and a sample proves that it is seen, or somebody has said why it does not.</summary>
public sealed class SpecClassificationTests
{
    private static readonly Type[] Forms =
    [
        typeof(ContainerSpec), typeof(UpdateSpec), typeof(ExecSpec), typeof(CommitSpec), typeof(BuildSpec), typeof(VolumeSpec), typeof(NetworkSpec), typeof(NetworkConnectSpec), typeof(NetworkDisconnectSpec),
    ];

    private static readonly (string Reason, string[] Properties)[] Harmless =
    [
        ("only inside the container",
            ["ContainerSpec.Hostname", "ContainerSpec.Domainname", "ContainerSpec.Tty", "ContainerSpec.OpenStdin", "ContainerSpec.StdinOnce", "ContainerSpec.AttachStdin",
             "ContainerSpec.AttachStdout", "ContainerSpec.AttachStderr", "ContainerSpec.Env", "ContainerSpec.Cmd", "ContainerSpec.Entrypoint", "ContainerSpec.Shell",
             "ContainerSpec.ArgsEscaped", "ContainerSpec.StopSignal", "ContainerSpec.StopTimeout", "ContainerSpec.OnBuild", "ContainerSpec.Healthcheck",
             "HealthcheckSpec.Test", "HealthcheckSpec.Interval", "HealthcheckSpec.Timeout", "HealthcheckSpec.StartPeriod", "HealthcheckSpec.StartInterval", "HealthcheckSpec.Retries",
             "HostConfig.ConsoleSize", "HostConfig.Init", "HostConfig.AutoRemove", "HostConfig.RestartPolicy", "RestartPolicy.Name", "RestartPolicy.MaximumRetryCount",
             "HostConfig.Dns", "HostConfig.DnsOptions", "HostConfig.DnsSearch", "HostConfig.ExtraHosts", "HostConfig.Tmpfs", "HostConfig.ShmSize",
             "TmpfsOptions.SizeBytes", "TmpfsOptions.Mode", "MountSpec.Target", "MountSpec.ReadOnly", "MountSpec.Consistency", "MountSpec.TmpfsOptions", "UpdateSpec.RestartPolicy"]),
        ("root in a container is not root on the host; policies may require another user", ["ContainerSpec.User"]),
        ("policies of the collection look at it", ["ContainerSpec.Image", "HostConfig.ReadonlyRootfs"]),
        ("reserved names are refused", ["ContainerSpec.Labels", "VolumeOptions.Labels", "BuildSpec.Labels", "VolumeSpec.Labels", "NetworkSpec.Labels", "CommitSpec.Config", "CommitSpec.Changes"]),
        ("anonymous volumes are the engine's own", ["ContainerSpec.Volumes"]),
        ("takes away, never gives", ["ContainerSpec.NetworkDisabled", "HostConfig.CapDrop", "BindOptions.NonRecursive", "BindOptions.ReadOnlyForceRecursive", "VolumeOptions.NoCopy", "NetworkSpec.Internal", "NetworkDisconnectSpec.Force"]),
        ("only of bind mounts, which need the right to mount the host", ["BindOptions.ReadOnlyNonRecursive"]),
        ("inside its own networks", ["ContainerSpec.MacAddress", "ContainerSpec.ExposedPorts", "EndpointSettings.IPAMConfig", "EndpointSettings.Aliases", "EndpointSettings.MacAddress",
             "EndpointSettings.GwPriority", "EndpointSettings.DNSNames", "EndpointIpam.IPv4Address", "EndpointIpam.IPv6Address", "EndpointIpam.LinkLocalIPs"]),
        ("the engine's answer; sent by clients it is not looked at", ["EndpointSettings.NetworkID", "EndpointSettings.EndpointID", "EndpointSettings.Gateway", "EndpointSettings.IPAddress",
             "EndpointSettings.IPPrefixLen", "EndpointSettings.IPv6Gateway", "EndpointSettings.GlobalIPv6Address", "EndpointSettings.GlobalIPv6PrefixLen", "HostConfig.ContainerIDFile", "ExecSpec.Container"]),
        ("its parts are classified", ["ContainerSpec.HostConfig", "ContainerSpec.NetworkingConfig", "HostConfig.PortBindings", "HostConfig.LogConfig", "HostConfig.Mounts",
             "MountSpec.BindOptions", "MountSpec.VolumeOptions", "VolumeOptions.DriverConfig", "NetworkSpec.IPAM", "NetworkIpam.Config"]),
        ("reaches the host as a whole, whatever is in it", ["DeviceMapping.PathOnHost", "DeviceMapping.PathInContainer", "DeviceMapping.CgroupPermissions", "DeviceRequest.Driver",
             "DeviceRequest.Count", "DeviceRequest.DeviceIDs", "DeviceRequest.Capabilities", "DeviceRequest.Options", "WeightDevice.Path", "WeightDevice.Weight",
             "ThrottleDevice.Path", "ThrottleDevice.Rate", "Ulimit.Name", "Ulimit.Hard", "Ulimit.Soft", "NetworkTemplate.Network"]),
        ("other containers are resolved by the caller's eyes and rights (SharedContainerTests)", ["HostConfig.VolumesFrom", "HostConfig.Links", "EndpointSettings.Links", "NetworkConnectSpec.Container", "NetworkDisconnectSpec.Container", "CommitSpec.Container"]),
        ("free ports above 32767", ["HostConfig.PublishAllPorts"]),
        ("a limit or a share among containers; policies look at memory, CPU and processes", ["ResourceSettings.CpuShares", "ResourceSettings.Memory", "ResourceSettings.NanoCpus",
             "ResourceSettings.BlkioWeight", "ResourceSettings.CpuPeriod", "ResourceSettings.CpuQuota", "ResourceSettings.CpusetCpus", "ResourceSettings.CpusetMems",
             "ResourceSettings.KernelMemory", "ResourceSettings.KernelMemoryTCP", "ResourceSettings.MemoryReservation", "ResourceSettings.MemorySwap", "ResourceSettings.MemorySwappiness",
             "ResourceSettings.PidsLimit", "ResourceSettings.CpuCount", "ResourceSettings.CpuPercent", "ResourceSettings.IOMaximumIOps", "ResourceSettings.IOMaximumBandwidth",
             "BuildSpec.Memory", "BuildSpec.MemSwap", "BuildSpec.CpuShares", "BuildSpec.CpuSetCpus", "BuildSpec.CpuSetMems", "BuildSpec.CpuPeriod", "BuildSpec.CpuQuota", "BuildSpec.ShmSize"]),
        ("inside the container, with the rights of its user", ["ExecSpec.AttachStdin", "ExecSpec.AttachStdout", "ExecSpec.AttachStderr", "ExecSpec.ConsoleSize", "ExecSpec.DetachKeys",
             "ExecSpec.Detach", "ExecSpec.Tty", "ExecSpec.Env", "ExecSpec.Cmd"]),
        ("about the image that comes out", ["CommitSpec.Repo", "CommitSpec.Tag", "CommitSpec.Comment", "CommitSpec.Author", "CommitSpec.Pause", "BuildSpec.Dockerfile", "BuildSpec.T", "BuildSpec.Q",
             "BuildSpec.NoCache", "BuildSpec.CacheFrom", "BuildSpec.Pull", "BuildSpec.Rm", "BuildSpec.ForceRm", "BuildSpec.BuildArgs", "BuildSpec.Squash", "BuildSpec.Platform",
             "BuildSpec.Target", "BuildSpec.Outputs", "BuildSpec.Version"]),
        ("a name or a plain property of a network or volume", ["VolumeSpec.Name", "NetworkSpec.Name", "NetworkSpec.CheckDuplicate", "NetworkSpec.Scope", "NetworkSpec.Attachable",
             "NetworkSpec.ConfigOnly", "NetworkSpec.EnableIPv4", "NetworkSpec.EnableIPv6", "NetworkRange.IPRange", "NetworkRange.Gateway", "NetworkRange.AuxiliaryAddresses"]),
    ];

    private static readonly HashSet<string> Reaching = [.. SpecSamples.All.Select(sample => sample.Property)];

    [Fact]
    public void Every_property_of_every_engine_form_is_classified_once()
    {
        var properties = Properties().ToHashSet();
        var harmless = Harmless.SelectMany(group => group.Properties).ToList();

        properties.Except(Reaching).Except(harmless).Order().ShouldBeEmpty("a new property needs a rule with a sample, or a reason why it is harmless");
        harmless.Concat(Reaching).Except(properties).Order().ShouldBeEmpty("there is no such property");
        harmless.Intersect(Reaching).ShouldBeEmpty();
        harmless.Count.ShouldBe(harmless.Distinct().Count());
    }

    [Fact]
    public void Every_sample_is_found_where_it_is_and_asks_for_its_right()
    {
        foreach (var sample in SpecSamples.All)
        {
            var option = sample.Options.ShouldHaveSingleItem(sample.ToString());
            (option.Field, option.Permission).ShouldBe((sample.Field, sample.Permission), sample.Property);
            option.Sentence.ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public void Every_right_about_the_host_is_asked_for_by_something() =>
        Core.Access.PermissionCatalog.All.Where(permission => permission.Group == "host").Select(permission => permission.Name)
            .Except(SpecSamples.All.Select(sample => sample.Permission)).ShouldBeEmpty();

    private static IEnumerable<string> Properties()
    {
        var seen = new HashSet<Type>();
        var left = new Queue<Type>(Forms);
        while (left.TryDequeue(out var type))
        {
            if (!seen.Add(type))
            {
                continue;
            }

            foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
            {
                yield return $"{property.DeclaringType!.Name}.{property.Name}";
                foreach (var part in Parts(property.PropertyType).Where(part => part.Assembly == typeof(ContainerSpec).Assembly))
                {
                    left.Enqueue(part);
                }
            }
        }
    }

    private static IEnumerable<Type> Parts(Type type) => type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : [type];
}
