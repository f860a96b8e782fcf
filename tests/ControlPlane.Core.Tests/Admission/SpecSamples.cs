using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Networks;
using ControlPlane.Engine.Volumes;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>A spec that reaches the host by one property.</summary>
/// <param name="Property">Declaring type and name.</param>
/// <param name="Options">What is found in it.</param>
/// <param name="Field">Where it is.</param>
/// <param name="Permission">What it needs.</param>
internal sealed record SpecSample(string Property, IReadOnlyList<HostOption> Options, string Field, string Permission);

/// <summary>Samples for every property that reaches the host.</summary>
internal static class SpecSamples
{
    /// <summary>Property, members of HostConfig, field within HostConfig, right.</summary>
    public static readonly (string Property, string Members, string Field, string Permission)[] Host =
    [
        ("HostConfig.Privileged", "\"Privileged\":true", "Privileged", Permission.HostPrivileged),
        ("HostConfig.CapAdd", "\"CapAdd\":[\"NET_ADMIN\"]", "CapAdd[0]", Permission.HostCapabilities),
        ("HostConfig.CapAdd", "\"CapDrop\":[\"ALL\"],\"CapAdd\":[\"all\"]", "CapAdd[0]", Permission.HostCapabilities),
        ("HostConfig.CapAdd", "\"CapAdd\":\"SYS_ADMIN\"", "CapAdd[0]", Permission.HostCapabilities),
        ("HostConfig.Capabilities", "\"Capabilities\":[\"SYS_ADMIN\"]", "Capabilities[0]", Permission.HostCapabilities),
        ("ResourceSettings.Devices", "\"Devices\":[{\"PathOnHost\":\"/dev/sda\"}]", "Devices[0]", Permission.HostDevices),
        ("ResourceSettings.DeviceRequests", "\"DeviceRequests\":[{\"Count\":-1}]", "DeviceRequests[0]", Permission.HostDevices),
        ("ResourceSettings.DeviceCgroupRules", "\"DeviceCgroupRules\":[\"c 1:* rwm\"]", "DeviceCgroupRules[0]", Permission.HostDevices),
        ("ResourceSettings.BlkioWeightDevice", "\"BlkioWeightDevice\":[{\"Path\":\"/dev/sda\",\"Weight\":10}]", "BlkioWeightDevice[0]", Permission.HostDevices),
        ("ResourceSettings.BlkioDeviceReadBps", "\"BlkioDeviceReadBps\":[{\"Path\":\"/dev/sda\",\"Rate\":1}]", "BlkioDeviceReadBps[0]", Permission.HostDevices),
        ("ResourceSettings.BlkioDeviceWriteBps", "\"BlkioDeviceWriteBps\":[{\"Path\":\"/dev/sda\",\"Rate\":1}]", "BlkioDeviceWriteBps[0]", Permission.HostDevices),
        ("ResourceSettings.BlkioDeviceReadIOps", "\"BlkioDeviceReadIOps\":[{\"Path\":\"/dev/sda\",\"Rate\":1}]", "BlkioDeviceReadIOps[0]", Permission.HostDevices),
        ("ResourceSettings.BlkioDeviceWriteIOps", "\"BlkioDeviceWriteIOps\":[{\"Path\":\"/dev/sda\",\"Rate\":1}]", "BlkioDeviceWriteIOps[0]", Permission.HostDevices),
        ("HostConfig.Binds", "\"Binds\":[\"/etc:/etc:ro\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"data:/data\",\"./x:/x\"]", "Binds[1]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"../x:/x\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"~/x:/x\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"a/b:/x\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"C:\\\\x:/x\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"c:/x:/x\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"\\\\\\\\.\\\\pipe\\\\docker_engine:\\\\\\\\.\\\\pipe\\\\docker_engine\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"/var/run/docker.sock:/var/run/docker.sock\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"/run//./docker.sock:/s:z\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"data:/data:rshared\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"data:/data:ro,slave\"]", "Binds[0]", Permission.HostMounts),
        ("HostConfig.Binds", "\"Binds\":[\"\"]", "Binds[0]", Permission.HostMounts),
        ("MountSpec.Source", "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/\",\"Target\":\"/h\"}]", "Mounts[0].Source", Permission.HostMounts),
        ("MountSpec.Source", "\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"/etc\",\"Target\":\"/h\"}]", "Mounts[0].Source", Permission.HostMounts),
        ("MountSpec.Source", "\"Mounts\":[{\"Type\":\"tmpfs\",\"Source\":\"/etc\",\"Target\":\"/h\"}]", "Mounts[0].Source", Permission.HostMounts),
        ("MountSpec.Type", "\"Mounts\":[{\"Type\":\"npipe\",\"Source\":\"x\",\"Target\":\"/h\"}]", "Mounts[0].Type", Permission.HostMounts),
        ("MountSpec.Type", "\"Mounts\":[{\"Type\":\"cluster\",\"Source\":\"xx\",\"Target\":\"/h\"}]", "Mounts[0].Type", Permission.HostMounts),
        ("MountSpec.Type", "\"Mounts\":[{\"Type\":\"Bind\",\"Source\":\"/etc\",\"Target\":\"/h\"}]", "Mounts[0].Type", Permission.HostMounts),
        ("MountSpec.Type", "\"Mounts\":[{\"Target\":\"/h\"}]", "Mounts[0].Type", Permission.HostMounts),
        ("BindOptions.Propagation", "\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"data\",\"Target\":\"/h\",\"BindOptions\":{\"Propagation\":\"rshared\"}}]", "Mounts[0].BindOptions.Propagation", Permission.HostMounts),
        ("BindOptions.CreateMountpoint", "\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"data\",\"Target\":\"/h\",\"BindOptions\":{\"CreateMountpoint\":true}}]", "Mounts[0].BindOptions.CreateMountpoint", Permission.HostMounts),
        ("VolumeDriverConfig.Options", "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/h\",\"VolumeOptions\":{\"DriverConfig\":{\"Options\":{\"o\":\"bind\"}}}}]", "Mounts[0].VolumeOptions.DriverConfig.Options[\"o\"]", Permission.HostMounts),
        ("VolumeDriverConfig.Options", "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/h\",\"VolumeOptions\":{\"DriverConfig\":{\"Name\":\"local\",\"Options\":{\"device\":\"/dev/sda1\"}}}}]", "Mounts[0].VolumeOptions.DriverConfig.Options[\"device\"]", Permission.HostMounts),
        ("VolumeDriverConfig.Options", "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/h\",\"VolumeOptions\":{\"DriverConfig\":{\"Options\":{\"type\":\"nfs\"}}}}]", "Mounts[0].VolumeOptions.DriverConfig.Options[\"type\"]", Permission.HostMounts),
        ("VolumeDriverConfig.Name", "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/h\",\"VolumeOptions\":{\"DriverConfig\":{\"Name\":\"any\",\"Options\":{\"size\":\"1\"}}}}]", "Mounts[0].VolumeOptions.DriverConfig.Options[\"size\"]", Permission.HostMounts),
        ("HostConfig.VolumeDriver", "\"VolumeDriver\":\"sshfs\"", "VolumeDriver", Permission.HostMounts),
        ("HostConfig.NetworkMode", "\"NetworkMode\":\"host\"", "NetworkMode", Permission.HostNetwork),
        ("HostConfig.PidMode", "\"PidMode\":\"host\"", "PidMode", Permission.HostPid),
        ("HostConfig.PidMode", "\"PidMode\":\"Host\"", "PidMode", Permission.HostPid),
        ("HostConfig.IpcMode", "\"IpcMode\":\"host\"", "IpcMode", Permission.HostIpc),
        ("HostConfig.UTSMode", "\"UTSMode\":\"host\"", "UTSMode", Permission.HostUts),
        ("HostConfig.UsernsMode", "\"UsernsMode\":\"host\"", "UsernsMode", Permission.HostUserNamespace),
        ("HostConfig.CgroupnsMode", "\"CgroupnsMode\":\"host\"", "CgroupnsMode", Permission.HostCgroup),
        ("HostConfig.Cgroup", "\"Cgroup\":\"container:x\"", "Cgroup", Permission.HostCgroup),
        ("ResourceSettings.CgroupParent", "\"CgroupParent\":\"/\"", "CgroupParent", Permission.HostCgroup),
        ("HostConfig.SecurityOpt", "\"SecurityOpt\":[\"seccomp=unconfined\"]", "SecurityOpt[0]", Permission.HostSecurityOptions),
        ("HostConfig.SecurityOpt", "\"SecurityOpt\":[\"apparmor:unconfined\"]", "SecurityOpt[0]", Permission.HostSecurityOptions),
        ("HostConfig.SecurityOpt", "\"SecurityOpt\":[\"label:disable\"]", "SecurityOpt[0]", Permission.HostSecurityOptions),
        ("HostConfig.SecurityOpt", "\"SecurityOpt\":[\"systempaths=unconfined\"]", "SecurityOpt[0]", Permission.HostSecurityOptions),
        ("HostConfig.SecurityOpt", "\"SecurityOpt\":[\"no-new-privileges:true\",\"no-new-privileges=false\"]", "SecurityOpt[1]", Permission.HostSecurityOptions),
        ("HostConfig.MaskedPaths", "\"MaskedPaths\":[]", "MaskedPaths", Permission.HostSecurityOptions),
        ("HostConfig.ReadonlyPaths", "\"ReadonlyPaths\":[]", "ReadonlyPaths", Permission.HostSecurityOptions),
        ("HostConfig.Sysctls", "\"Sysctls\":{\"net.ipv4.ip_forward\":\"1\"}", "Sysctls[\"net.ipv4.ip_forward\"]", Permission.HostSysctls),
        ("HostConfig.OomScoreAdj", "\"OomScoreAdj\":-1", "OomScoreAdj", Permission.HostOom),
        ("ResourceSettings.OomKillDisable", "\"OomKillDisable\":true", "OomKillDisable", Permission.HostOom),
        ("HostConfig.Runtime", "\"Runtime\":\"runc\"", "Runtime", Permission.HostRuntime),
        ("HostConfig.Annotations", "\"Annotations\":{\"run.oci.keep_original_groups\":\"1\"}", "Annotations[\"run.oci.keep_original_groups\"]", Permission.HostRuntime),
        ("HostConfig.Isolation", "\"Isolation\":\"process\"", "Isolation", Permission.HostRuntime),
        ("LogConfig.Type", "\"LogConfig\":{\"Type\":\"syslog\"}", "LogConfig.Type", Permission.HostLogDriver),
        ("LogConfig.Type", "\"LogConfig\":{\"Type\":\"gelf\"}", "LogConfig.Type", Permission.HostLogDriver),
        ("LogConfig.Config", "\"LogConfig\":{\"Config\":{\"syslog-address\":\"udp://10.0.0.1\"}}", "LogConfig.Config[\"syslog-address\"]", Permission.HostLogDriver),
        ("ResourceSettings.Ulimits", "\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":1}]", "Ulimits[0]", Permission.HostUlimits),
        ("ResourceSettings.CpuRealtimePeriod", "\"CpuRealtimePeriod\":1000", "CpuRealtimePeriod", Permission.HostUlimits),
        ("ResourceSettings.CpuRealtimeRuntime", "\"CpuRealtimeRuntime\":1000", "CpuRealtimeRuntime", Permission.HostUlimits),
        ("HostConfig.StorageOpt", "\"StorageOpt\":{\"size\":\"1G\"}", "StorageOpt[\"size\"]", Permission.HostStorage),
        ("HostConfig.GroupAdd", "\"GroupAdd\":[\"docker\"]", "GroupAdd[0]", Permission.HostGroups),
        ("PortBinding.HostPort", "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"1023\"}]}", "PortBindings[\"80/tcp\"][0].HostPort", Permission.HostPorts),
        ("PortBinding.HostPort", "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"80-2000\"}]}", "PortBindings[\"80/tcp\"][0].HostPort", Permission.HostPorts),
        ("PortBinding.HostPort", "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"+2000\"}]}", "PortBindings[\"80/tcp\"][0].HostPort", Permission.HostPorts),
        ("PortBinding.HostIp", "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8080\"},{\"HostIp\":\"10.0.0.1\",\"HostPort\":\"8080\"}]}", "PortBindings[\"80/tcp\"][1].HostIp", Permission.HostPorts),
    ];

    public static IEnumerable<SpecSample> All =>
    [
        .. Host.Select(sample => new SpecSample(sample.Property, HostOptions.Of(AdmissionSetup.Host(sample.Members)), "HostConfig." + sample.Field, sample.Permission)),
        new("ContainerSpec.WorkingDir", HostOptions.Of(new ContainerSpec { WorkingDir = "/a/.././proc/self/fd/8" }), "WorkingDir", Permission.HostSecurityOptions),
        new("NetworkingConfig.EndpointsConfig", HostOptions.Of(AdmissionSetup.Spec("""{"NetworkingConfig":{"EndpointsConfig":{"host":{}}}}""")), "NetworkingConfig.EndpointsConfig[\"host\"]", Permission.HostNetwork),
        new("EndpointSettings.DriverOpts", HostOptions.Of(AdmissionSetup.Spec("""{"NetworkingConfig":{"EndpointsConfig":{"n1":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"x"}}}}}""")), "NetworkingConfig.EndpointsConfig[\"n1\"].DriverOpts[\"com.docker.network.endpoint.sysctls\"]", Permission.HostNetwork),
        new("ExecSpec.Privileged", HostOptions.Of(new ExecSpec { Privileged = true, User = "1000" }, null), "Privileged", Permission.HostExecAsRoot),
        new("ExecSpec.User", HostOptions.Of(new ExecSpec { User = "root:root" }, "1000"), "User", Permission.HostExecAsRoot),
        new("ExecSpec.WorkingDir", HostOptions.Of(new ExecSpec { User = "1000", WorkingDir = "/proc/self/fd/9" }, null), "WorkingDir", Permission.HostSecurityOptions),
        new("BuildSpec.NetworkMode", HostOptions.Of(new BuildSpec { NetworkMode = "host" }), "NetworkMode", Permission.HostNetwork),
        new("BuildSpec.NetworkMode", HostOptions.Of(new BuildSpec { NetworkMode = "container:db" }), "NetworkMode", Permission.HostNetwork),
        new("BuildSpec.Remote", HostOptions.Of(new BuildSpec { Remote = "http://169.254.169.254/" }), "Remote", Permission.HostNetwork),
        new("BuildSpec.ExtraHosts", HostOptions.Of(new BuildSpec { ExtraHosts = ["a:10.0.0.1"] }), "ExtraHosts[0]", Permission.HostNetwork),
        new("BuildSpec.SecurityOpt", HostOptions.Of(new BuildSpec { SecurityOpt = ["seccomp=unconfined"] }), "SecurityOpt[0]", Permission.HostSecurityOptions),
        new("BuildSpec.CgroupParent", HostOptions.Of(new BuildSpec { CgroupParent = "/x" }), "CgroupParent", Permission.HostCgroup),
        new("BuildSpec.Ulimits", HostOptions.Of(new BuildSpec { Ulimits = [new Ulimit { Name = "nofile" }] }), "Ulimits[0]", Permission.HostUlimits),
        new("BuildSpec.Isolation", HostOptions.Of(new BuildSpec { Isolation = "process" }), "Isolation", Permission.HostRuntime),
        new("VolumeSpec.DriverOpts", HostOptions.Of(Volume("o", "ro,bind")), "DriverOpts[\"o\"]", Permission.HostMounts),
        new("VolumeSpec.DriverOpts", HostOptions.Of(Volume("device", ":/export")), "DriverOpts[\"device\"]", Permission.HostMounts),
        new("VolumeSpec.DriverOpts", HostOptions.Of(Volume("type", "nfs4")), "DriverOpts[\"type\"]", Permission.HostMounts),
        new("VolumeSpec.Driver", HostOptions.Of(Volume("size", "1") with { Driver = "other" }), "DriverOpts[\"size\"]", Permission.HostMounts),
        new("NetworkSpec.Driver", HostOptions.Of(new NetworkSpec { Driver = "macvlan" }), "Driver", Permission.HostNetwork),
        new("NetworkSpec.Driver", HostOptions.Of(new NetworkSpec { Driver = "ipvlan" }), "Driver", Permission.HostNetwork),
        new("NetworkSpec.Driver", HostOptions.Of(new NetworkSpec { Driver = "host" }), "Driver", Permission.HostNetwork),
        new("NetworkSpec.Options", HostOptions.Of(new NetworkSpec { Options = new Dictionary<string, string> { ["parent"] = "eth0" } }), "Options[\"parent\"]", Permission.HostNetwork),
        new("NetworkSpec.Options", HostOptions.Of(new NetworkSpec { Options = new Dictionary<string, string> { ["com.docker.network.bridge.name"] = "br0" } }), "Options[\"com.docker.network.bridge.name\"]", Permission.HostNetwork),
        new("NetworkSpec.ConfigFrom", HostOptions.Of(new NetworkSpec { ConfigFrom = new NetworkTemplate { Network = "x" } }), "ConfigFrom", Permission.HostNetwork),
        new("NetworkSpec.Ingress", HostOptions.Of(new NetworkSpec { Ingress = true }), "Ingress", Permission.HostNetwork),
        new("NetworkIpam.Driver", HostOptions.Of(new NetworkSpec { IPAM = new NetworkIpam { Driver = "dhcp" } }), "IPAM.Driver", Permission.HostNetwork),
        new("NetworkIpam.Options", HostOptions.Of(new NetworkSpec { IPAM = new NetworkIpam { Options = new Dictionary<string, string> { ["a"] = "b" } } }), "IPAM.Options[\"a\"]", Permission.HostNetwork),
        new("NetworkRange.Subnet", HostOptions.Of(Subnet("8.8.8.0/24")), "IPAM.Config[0]", Permission.HostNetwork),
        new("NetworkRange.Subnet", HostOptions.Of(Subnet("0.0.0.0/0")), "IPAM.Config[0]", Permission.HostNetwork),
        new("NetworkRange.Subnet", HostOptions.Of(Subnet("169.254.0.0/16")), "IPAM.Config[0]", Permission.HostNetwork),
        new("NetworkConnectSpec.EndpointConfig", HostOptions.Of(new NetworkConnectSpec { EndpointConfig = new EndpointSettings { DriverOpts = new Dictionary<string, string> { ["a"] = "b" } } }), "EndpointConfig.DriverOpts[\"a\"]", Permission.HostNetwork),
    ];

    public static VolumeSpec Volume(string option, string value) => new() { DriverOpts = new Dictionary<string, string> { [option] = value } };

    public static NetworkSpec Subnet(string subnet) => new() { IPAM = new NetworkIpam { Config = [new NetworkRange { Subnet = subnet }] } };
}
