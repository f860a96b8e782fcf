using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Devices and limits, on create and on update.</summary>
internal static class ResourceReach
{
    private const string Device = "uses a device of the host";
    private const string Throttle = "names a device of the host";
    private const string RealTime = "takes CPU time that other processes of the host do not get";

    public static void Add(HostOptionList found, string prefix, ResourceSettings resources)
    {
        found.Each(resources.Devices, prefix + "Devices", Permission.HostDevices, Device);
        found.Each(resources.DeviceRequests, prefix + "DeviceRequests", Permission.HostDevices, Device);
        found.Each(resources.DeviceCgroupRules, prefix + "DeviceCgroupRules", Permission.HostDevices, Device);
        found.Each(resources.BlkioWeightDevice, prefix + "BlkioWeightDevice", Permission.HostDevices, Throttle);
        found.Each(resources.BlkioDeviceReadBps, prefix + "BlkioDeviceReadBps", Permission.HostDevices, Throttle);
        found.Each(resources.BlkioDeviceWriteBps, prefix + "BlkioDeviceWriteBps", Permission.HostDevices, Throttle);
        found.Each(resources.BlkioDeviceReadIOps, prefix + "BlkioDeviceReadIOps", Permission.HostDevices, Throttle);
        found.Each(resources.BlkioDeviceWriteIOps, prefix + "BlkioDeviceWriteIOps", Permission.HostDevices, Throttle);
        found.AddIf(!string.IsNullOrEmpty(resources.CgroupParent), prefix + "CgroupParent", Permission.HostCgroup, "chooses a control group of the host, past its limits");
        found.AddIf(resources.OomKillDisable == true, prefix + "OomKillDisable", Permission.HostOom, "is never killed when memory runs out, so others are");
        found.AddIf(resources.CpuRealtimePeriod is not (null or 0), prefix + "CpuRealtimePeriod", Permission.HostUlimits, RealTime);
        found.AddIf(resources.CpuRealtimeRuntime is not (null or 0), prefix + "CpuRealtimeRuntime", Permission.HostUlimits, RealTime);
        found.Each(resources.Ulimits, prefix + "Ulimits", Permission.HostUlimits, "sets a limit of processes, which may be above the host's");
    }

    public static void Add(HostOptionList found, HostConfig host)
    {
        found.AddIf(host.OomScoreAdj < 0, "HostConfig.OomScoreAdj", Permission.HostOom, "is spared when memory runs out, so others are killed");
        found.Each(host.StorageOpt, "HostConfig.StorageOpt", Permission.HostStorage, "sets an option of the storage driver");
    }
}
