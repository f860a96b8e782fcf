using System.Reflection;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Access;

/// <summary>What a row of the matrix is about, so that the right object can be put into its address.</summary>
internal enum MatrixScope
{
    /// <summary>Checked on <c>/System</c>: the control plane itself.</summary>
    System,

    /// <summary>Checked on the root: it is about the whole cluster.</summary>
    Root,

    /// <summary>The address names a container.</summary>
    Container,

    /// <summary>The address names a node.</summary>
    Node,

    /// <summary>A list, or something whose collection is in the body: the right must be there on some collection.</summary>
    Any,

    /// <summary>Needs no right: <c>open</c> or <c>signed-in</c>.</summary>
    None,
}

/// <summary>One row of <c>matrix.txt</c>: an endpoint, page or hub method with the rule it was reviewed with.</summary>
internal sealed record MatrixRow(string Method, string Pattern, string Rule, MatrixScope Scope)
{
    public bool NeedsRight => Scope != MatrixScope.None;

    public override string ToString() => $"{Method} {Pattern} {Rule} {Scope.ToString().ToLowerInvariant()}";
}

/// <summary>The reviewed table, and what the server really has.</summary>
internal static class AccessMatrix
{
    public static IReadOnlyList<MatrixRow> Reviewed() =>
    [
        .. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Access", "matrix.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(parts => new MatrixRow(parts[0], parts[1], parts[2], Enum.Parse<MatrixScope>(parts[3], ignoreCase: true))),
    ];

    /// <summary>Method, address and declared rule of everything that can be called.</summary>
    public static IReadOnlyList<(string Method, string Pattern, string Rule)> Declared(TestServer server)
    {
        var endpoints = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
        {
            var rule = endpoint.Metadata.GetMetadata<IAccessRule>();
            var word = rule switch { null => "undeclared", { IsOpen: true } => "open", { Permission: { } permission } => permission, _ => "signed-in" };
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"];
            return methods.Select(method => (method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/'), word));
        });
        var hubs = typeof(Hosting.ServerStart).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(Hub)) && !type.IsAbstract)
            .SelectMany(hub => hub.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(method => method.GetBaseDefinition().DeclaringType == hub)
                .Select(method => ("HUB", $"{hub.Name}.{method.Name}", "in-method")));
        return [.. endpoints.Concat(hubs).Distinct().OrderBy(row => row.Item2, StringComparer.Ordinal).ThenBy(row => row.Item1, StringComparer.Ordinal)];
    }
}
