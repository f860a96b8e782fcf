using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tests.Tunnels;

/// <summary>Whatever a record holds, what goes out is one of the allowed requests and nothing more.</summary>
public sealed class TunnelRouteFuzzTests
{
    // P: a reference in a path; V: one escaped value; Q: more parameters with such values.
    private static readonly Regex Allowed = new(
        (@"^((GET containers/b{64}/(json(\?size=1)?|logs\?follow=[01]Q|stats\?stream=[01]Q|top(\?ps_args=V)?|changes|export|archive\?path=V))"
        + @"|HEAD containers/b{64}/archive\?path=V|PUT containers/b{64}/archive\?path=V&noOverwriteDirNonDir=[01]&copyUIDGID=[01]"
        + @"|POST containers/b{64}/(wait\?condition=(not-running|next-exit|removed)|attach\?logs=[01]Q|resize\?h=\d+&w=\d+|exec)"
        + @"|POST exec/b{64}/(start|resize\?h=\d+&w=\d+)|GET exec/b{64}/json"
        + @"|GET (images|distribution)/P/(json|history)|GET images/get\?names=VQ|GET images/search\?term=VQ|POST images/P/push(\?tag=V)?"
        + @"|POST images/create\?from(Image=V|Src=-)Q|POST auth|POST images/load\?quiet=[01]|POST build\?([a-z]+=(V)?Q)?"
        + @"|GET networks/b{64}\?verbose=[01]|GET volumes/[a-zA-Z0-9][a-zA-Z0-9_.-]*|GET system/df|GET events\?since=\d+\.\d{9}&until=\d+\.\d{9})\z")
            .Replace("P/", @"(?!\.)(?!.*\.\.)[A-Za-z0-9%][A-Za-z0-9._:@%/-]*/", StringComparison.Ordinal)
            .Replace("V", "[A-Za-z0-9._~%-]+", StringComparison.Ordinal)
            .Replace("Q", @"(&[a-zA-Z-]+=[A-Za-z0-9._~%-]*)*", StringComparison.Ordinal),
        RegexOptions.ExplicitCapture,
        TimeSpan.FromSeconds(5));

    private static readonly string Id = new('b', 64);

    // What an attacker would try, and what is good, so that the mixture passes often enough to be worth something.
    private static readonly string?[] Texts =
    [
        null, "", Id, Id, Id, "busybox", "a/b:1", "sha256:" + Id, "..", "../..", "/", "a/../../info", "%2e%2e", "a?b=c", "a#b", "a b", "a\r\nX: y", "a\0b", "\n", "é",
        "\ud800", "host", "container:x", "next-exit", "removed", "{}", """{"Cmd":["sh"]}""", """{"Cmd":["sh"],"Privileged":true}""", "linux/amd64", "ctrl-p,ctrl-q", "e30=", "1", "t",
        "remote", "networkmode", "version", "q", new string('a', 5000), "ſ", "a&remote=http://x", "a;b", "[::1]:5000/x", "A.b/c", "x@y", "-", "HTTP/1.1", "v1.41",
    ];

    private static readonly Type[] Kinds = [.. typeof(TunnelRequest).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType)];

    [Fact]
    public void No_value_makes_the_agent_send_anything_else()
    {
        var random = new Random(20250301);
        var passed = new HashSet<Type>();
        PolicyRules[] policies = [new PolicyRules(), new PolicyRules { NoExec = true, NoLogs = true, NoPrivileged = true, NoHostNamespaces = true }];
        for (var i = 0; i < 200_000; i++)
        {
            var kind = Kinds[i % Kinds.Length];
            var request = Make(kind, random);
            var made = TunnelRoute.Of(request, policies[random.Next(2)], new Version(1, random.Next(24, 48))).Request;
            if (made is null)
            {
                continue;
            }

            passed.Add(kind);
            Allowed.IsMatch($"{made.Method} {made.Path}").ShouldBeTrue($"{kind.Name}: {made.Method} {made.Path}");
            if (made.Header is { } header)
            {
                header.Key.ShouldStartWith("X-Registry-");
                header.Value.ShouldMatch(@"^[A-Za-z0-9+/_=-]+\z");
            }
        }

        passed.Count.ShouldBe(Kinds.Length, "each kind got through at least once");
    }

    [Fact]
    public void Every_kind_of_request_has_a_route() => Kinds.Length.ShouldBe(31);

    private static TunnelRequest Make(Type kind, Random random)
    {
        var constructor = kind.GetConstructors().Single(found => found.GetParameters() is not [{ } only] || only.ParameterType != kind);
        var made = (TunnelRequest)constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.ParameterType, random))]);
        foreach (var property in kind.GetProperties().Where(property => property.CanWrite && constructor.GetParameters().All(parameter => parameter.Name != property.Name)))
        {
            property.SetValue(made, Value(property.PropertyType, random));
        }

        return made;
    }

    private static object? Value(Type type, Random random) =>
        type == typeof(string) ? Texts[random.Next(Texts.Length)]
        : type == typeof(bool) ? random.Next(2) == 0
        : type == typeof(int) ? random.Next(4) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(0, 100)
        : type == typeof(int?) ? random.Next(3) == 0 ? null : random.Next(-2, 120)
        : type == typeof(long) ? random.NextInt64(-2, long.MaxValue)
        : type == typeof(double?) ? random.Next(3) switch { 0 => null, 1 => double.NaN, _ => random.NextDouble() * 2e9 }
        : type == typeof(IReadOnlyList<string>) ? Enumerable.Range(0, random.Next(3)).Select(_ => Texts[random.Next(Texts.Length)]!).ToArray()
        : type == typeof(IReadOnlyList<KeyValuePair<string, string>>)
            ? Enumerable.Range(0, random.Next(3)).Select(_ => new KeyValuePair<string, string>(Texts[random.Next(Texts.Length)]!, Texts[random.Next(Texts.Length)]!)).ToArray()
        : throw new InvalidOperationException($"Nothing is known of {type}.");
}
