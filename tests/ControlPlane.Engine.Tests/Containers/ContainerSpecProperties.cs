using System.Text;
using ControlPlane.Engine.Containers;
using CsCheck;

namespace ControlPlane.Engine.Tests.Containers;

public class ContainerSpecProperties
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char[' ', '\ud7ff'], 0, 12];
    private static readonly Gen<IReadOnlyList<string>?> Texts = Gen.OneOf(Gen.Const((IReadOnlyList<string>?)null), Text.Array[0, 4].Select(a => (IReadOnlyList<string>?)a));

    private static readonly Gen<IReadOnlyDictionary<string, string>?> Map =
        Gen.Dictionary(Text, Text)[0, 4].Select(d => (IReadOnlyDictionary<string, string>?)d);

    private static readonly Gen<HostConfig> Host = Gen.Select(Texts, Map, Gen.Long.Nullable(), Gen.Bool.Nullable(), Gen.Int[0, 70000].Nullable())
        .Select((texts, map, number, flag, port) => new HostConfig
        {
            Binds = texts,
            CapAdd = texts,
            Sysctls = map,
            Memory = number,
            PidsLimit = number,
            Privileged = flag,
            Init = flag,
            PortBindings = port is null ? null : new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal) { [$"{port}/tcp"] = [new PortBinding { HostPort = "1" }], ["9/udp"] = null },
            Ulimits = number is null ? null : [new Ulimit { Name = "nofile", Soft = number, Hard = number }],
            Mounts = flag is null ? null : [new MountSpec { Type = "tmpfs", Target = "/t", ReadOnly = flag, TmpfsOptions = new TmpfsOptions { Mode = port } }],
        });

    private static readonly Gen<ContainerSpec> Spec = Gen.Select(Text, Texts, Map, Gen.Int.Nullable(), Gen.Bool.Nullable(), Host)
        .Select((text, texts, map, number, flag, host) => new ContainerSpec
        {
            Image = text,
            Cmd = texts,
            Env = texts,
            Labels = map,
            StopTimeout = number,
            Tty = flag,
            Healthcheck = texts is null ? null : new HealthcheckSpec { Test = texts, Retries = number },
            HostConfig = host,
        });

    [Fact]
    public void Writing_what_was_read_is_stable()
    {
        Spec.Sample(spec =>
        {
            var written = ContainerSpecWriter.Write(spec);
            var read = ContainerSpecReader.Read(written);
            read.Errors.ShouldBeEmpty();
            Encoding.UTF8.GetString(ContainerSpecWriter.Write(read.Value!)).ShouldBe(Encoding.UTF8.GetString(written));
        });
    }

    [Fact]
    public void A_mutilated_document_is_read_or_refused_but_never_throws()
    {
        var body = Golden.Bytes("create-full.json");
        Gen.Select(Gen.Int[0, body.Length - 1], Gen.Byte, Gen.Int[0, 40]).Sample((at, value, cut) =>
        {
            var copy = body.ToArray();
            copy[at] = value;
            var read = ContainerSpecReader.Read(copy.AsSpan(0, cut == 0 ? at : copy.Length));
            (read.IsValid == (read.Errors.Count == 0)).ShouldBeTrue();
            if (read.IsValid)
            {
                var written = ContainerSpecWriter.Write(read.Value);
                ContainerSpecReader.Read(written).IsValid.ShouldBeTrue();
            }
            else
            {
                // The second net must never be what catches it: everything is found by the shape check.
                read.Errors.ShouldAllBe(e => e.Message != "cannot be read");
            }
        });
    }
}
