using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>One <c>docker build</c>, by the builder that every engine has.</summary>
internal static class ImageBuild
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static async Task<string> RunAsync(LabNode node, string name, string dockerfile, string context, string? target, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(
            "docker",
            ["-H", $"unix://{node.EngineSocket}", "build", "-q", "-f", dockerfile, "-t", name, .. target is null ? (string[])[] : ["--target", target], context],
            Limit,
            new Dictionary<string, string?> { ["DOCKER_BUILDKIT"] = "0" },
            cancellationToken);
        return result.OutputOrThrow($"building {name}").Trim();
    }
}
