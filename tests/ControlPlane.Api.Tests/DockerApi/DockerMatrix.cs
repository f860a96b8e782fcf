using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Api.Tests.Access;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>One row of <c>docker-matrix.txt</c>: a route with the rule it was reviewed with.</summary>
internal sealed record DockerMatrixRow(string Method, string Pattern, string Rule, string Served)
{
    public bool NeedsRight => Rule is not ("open" or "signed-in");

    public bool IsRefused => Served == "refused";

    /// <summary>The kind of thing that stands at <c>{name}</c>; null when there is none whose collection is asked for.</summary>
    public string? Kind => !Pattern.Contains('{', StringComparison.Ordinal) || IsRefused ? null : Pattern.Split('/')[1] switch
    {
        "containers" => "container",
        "images" => "image",
        "networks" => "network",
        "volumes" => "volume",
        _ => null,
    };

    /// <summary>With the thing of that kind in one of the two collections of <see cref="AccessCluster"/>.</summary>
    public string Target(string prefix)
    {
        var name = Kind switch { null => "x1", "image" => prefix + "image:1", var kind => prefix + kind };
        var start = Pattern.IndexOf('{', StringComparison.Ordinal);
        return "/v1.41" + (start < 0 ? Pattern : Pattern[..start] + name + Pattern[(Pattern.IndexOf('}', StringComparison.Ordinal) + 1)..]);
    }

    public override string ToString() => $"{Method} {Pattern} {Rule} {Served}";
}

/// <summary>The reviewed table, and what the endpoint really has.</summary>
internal static class DockerMatrix
{
    public static IReadOnlyList<DockerMatrixRow> Reviewed() =>
    [
        .. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "DockerApi", "docker-matrix.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(parts => new DockerMatrixRow(parts[0], parts[1], parts[2], parts[3])),
    ];

    public static IReadOnlyList<DockerMatrixRow> Declared(TestServer server) =>
    [
        .. server.Services.GetRequiredService<DockerRouter>().Routes
            .Select(route => new DockerMatrixRow(route.Method, route.Pattern, route.Permission ?? (route.IsOpen ? "open" : "signed-in"), route.Served.ToString().ToLowerInvariant()))
            .OrderBy(row => row.Pattern, StringComparer.Ordinal).ThenBy(row => row.Method, StringComparer.Ordinal),
    ];
}
