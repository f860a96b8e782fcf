using System.Text.RegularExpressions;
using CsCheck;

namespace ControlPlane.Core.Tests.Admission;

/// <summary>Random specs: what restricted control is admitted never reaches the host, by an oracle that only reads the text.</summary>
public sealed partial class AdmissionProperties(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    // Pieces of sources that look like a volume, like a path, or like both.
    private static readonly Gen<string> Source = Gen.OneOf("data", "a", "/", "/etc", ".", "..", "~", "C", "\\\\\\\\", "docker.sock", "/var/run/", "-x", "_x", " ", "%2f").Array[0, 3].Select(pieces => string.Concat(pieces));
    private static readonly Gen<string> Mode = Gen.OneOf("", ":ro", ":rw", ":z", ":ro,nocopy", ":shared", ":ro,rslave", ":rprivate");
    private static readonly Gen<string> Namespace = Gen.OneOf("", "private", "none", "shareable", "host", "Host", "host ", "bridge", "default");
    private static readonly Gen<string> Text = Gen.OneOf("", "local", "json-file", "none", "syslog", "gelf", "runc", "default", "process", "tmpfs", "nfs", "bind", "size=1m", "size=1m,bind");

    private static readonly Gen<string> Member = Gen.OneOf(
        Gen.Bool.Select(yes => $"\"Privileged\":{Json(yes)}"),
        Gen.Bool.Select(yes => $"\"OomKillDisable\":{Json(yes)}"),
        Gen.Int[-3, 3].Select(score => $"\"OomScoreAdj\":{score}"),
        Source.Select(Mode, (source, mode) => $"\"Binds\":[\"{source}:/t{mode}\"]"),
        Gen.OneOf("bind", "volume", "tmpfs", "npipe", "Volume", "").Select(Source, (type, source) => $"\"Mounts\":[{{\"Type\":\"{type}\",\"Source\":\"{source}\",\"Target\":\"/t\"}}]"),
        Gen.OneOf("o", "type", "device", "size", "O").Select(Text, (key, value) =>
            $"\"Mounts\":[{{\"Type\":\"volume\",\"Target\":\"/t\",\"VolumeOptions\":{{\"DriverConfig\":{{\"Options\":{{\"{key}\":\"{value}\"}}}}}}}}]"),
        Gen.OneOf("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode").Select(Namespace, (name, mode) => $"\"{name}\":\"{mode}\""),
        Gen.OneOf("Runtime", "CgroupParent", "Cgroup", "Isolation", "VolumeDriver").Select(Text, (name, value) => $"\"{name}\":\"{value}\""),
        Gen.OneOf("CapAdd", "CapDrop", "SecurityOpt", "GroupAdd", "DeviceCgroupRules", "MaskedPaths", "ReadonlyPaths").Select(
            Gen.OneOf("[]", "[\"x\"]", "[\"no-new-privileges\"]", "[\"no-new-privileges:false\"]"), (name, list) => $"\"{name}\":{list}"),
        Gen.OneOf("Sysctls", "StorageOpt", "Annotations", "Tmpfs").Select(Gen.OneOf("{}", "{\"/a\":\"b\"}"), (name, map) => $"\"{name}\":{map}"),
        Text.Select(type => $"\"LogConfig\":{{\"Type\":\"{type}\"}}"),
        Gen.OneOf("", "10.0.0.1", "0.0.0.0").Select(Gen.OneOf("", "0", "80", "1023", "1024", "8080", "1-2000", "00080", "x"), (ip, port) =>
            $"\"PortBindings\":{{\"80/tcp\":[{{\"HostIp\":\"{ip}\",\"HostPort\":\"{port}\"}}]}}"),
        Gen.OneOf("Ulimits", "Devices", "DeviceRequests", "BlkioWeightDevice").Select(Gen.OneOf("[]", "[{}]"), (name, list) => $"\"{name}\":{list}"),
        Gen.OneOf("\"Memory\":10000000", "\"ReadonlyRootfs\":true", "\"Init\":true", "\"PidsLimit\":5", "\"ShmSize\":1"));

    [Fact]
    public async Task An_admitted_spec_of_restricted_control_reaches_no_host()
    {
        var caller = AdmissionSetup.User("restricted");
        var (admitted, refused) = (0, 0);
        // One of each name: the reader refuses the same key twice.
        await Member.Array[0, 4].Select(members => members.DistinctBy(member => member[..member.IndexOf(':', StringComparison.Ordinal)]).ToArray()).SampleAsync(
            async members =>
            {
                var refusals = await fixture.World.AdmitAsync(caller, AdmissionSetup.Host(string.Join(',', members)));
                var reaching = members.Where(Reaches).ToList();
                if (refusals.Count == 0)
                {
                    Interlocked.Increment(ref admitted);
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }

                (refusals.Count == 0 && reaching.Count > 0).ShouldBeFalse($"admitted: {string.Join("; ", reaching)}");
                (refusals.Count > 0 && reaching.Count == 0).ShouldBeFalse($"refused although harmless: {string.Join("; ", refusals)}");
            },
            iter: 20_000,
            threads: 2);

        admitted.ShouldBeGreaterThan(1000);
        refused.ShouldBeGreaterThan(1000);
    }

    private static bool Reaches(string member) => !Harmless().Any(pattern => pattern.IsMatch(member));

    private static string Json(bool value) => value ? "true" : "false";

    private static IEnumerable<Regex> Harmless() =>
    [
        Flag(), Score(), NamedVolume(), VolumeMount(), DriverOption(), OwnNamespace(), Nothing(), EmptyOrTightening(), Log(), HighPort(), Always(),
    ];

    [GeneratedRegex("^\"(Privileged|OomKillDisable)\":false$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Flag();

    [GeneratedRegex("^\"OomScoreAdj\":[0-9]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Score();

    [GeneratedRegex("^\"Binds\":\\[\"[A-Za-z0-9][A-Za-z0-9_.-]+:/t(:(ro|rw|z|ro,nocopy|rprivate))?\"\\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedVolume();

    [GeneratedRegex("^\"Mounts\":\\[\\{\"Type\":\"(volume\",\"Source\":\"([A-Za-z0-9][A-Za-z0-9_.-]+)?|tmpfs\",\"Source\":\")\",\"Target\":\"/t\"\\}\\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VolumeMount();

    [GeneratedRegex("\"Options\":\\{(\"o\":\"size=1m\"|\"(type|device)\":\"tmpfs\"|\"size\":.*)\\}\\}\\}\\}\\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DriverOption();

    [GeneratedRegex("^(\"NetworkMode\":\"(?!host\").*|\"(PidMode|CgroupnsMode)\":\"(private)?\"|\"IpcMode\":\"(private|none|shareable)?\"|\"(UTSMode|UsernsMode)\":\"\")$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnNamespace();

    [GeneratedRegex("^(\"(Runtime|CgroupParent|Cgroup)\":\"\"|\"Isolation\":\"(default)?\"|\"VolumeDriver\":\"(local)?\")$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Nothing();

    [GeneratedRegex("^(\"(CapAdd|SecurityOpt|GroupAdd|DeviceCgroupRules|Ulimits|Devices|DeviceRequests|BlkioWeightDevice)\":\\[\\]|\"CapDrop\".*|\"SecurityOpt\":\\[\"no-new-privileges\"\\]|\"(Sysctls|StorageOpt|Annotations)\":\\{\\}|\"Tmpfs\".*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EmptyOrTightening();

    [GeneratedRegex("^\"LogConfig\":\\{\"Type\":\"(local|json-file|none)?\"\\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Log();

    [GeneratedRegex("\"HostIp\":\"\",\"HostPort\":\"(0|1024|8080)?\"\\}\\]\\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HighPort();

    [GeneratedRegex("^\"(Memory|ReadonlyRootfs|Init|PidsLimit|ShmSize)\":", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Always();
}
