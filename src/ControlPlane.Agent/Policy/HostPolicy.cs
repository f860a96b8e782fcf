using System.Text.Json;
using ControlPlane.Agent.Hosting;
using ControlPlane.Engine.Networks;
using ControlPlane.Engine.Volumes;

namespace ControlPlane.Agent.Policy;

/// <summary>What the owner of the host forbids. Holds for commands and tunnels; the server cannot override it.</summary>
internal sealed class HostPolicy(PolicyRules rules)
{
    private static readonly string[] HostDrivers = ["host", "ipvlan", "macvlan"];

    public PolicyRules Rules => rules;

    /// <summary>The rules in words, for the server's people.</summary>
    public IReadOnlyList<string> InWords =>
    [
        .. rules.NoExec ? ["no exec"] : Array.Empty<string>(),
        .. rules.NoPrivileged ? ["no privileged containers"] : Array.Empty<string>(),
        .. rules.NoHostNamespaces ? ["no host namespaces"] : Array.Empty<string>(),
        .. rules.NoLogs ? ["no logs"] : Array.Empty<string>(),
        .. rules.BindMountsBelow switch
        {
            null => Array.Empty<string>(),
            [] => ["no bind mounts"],
            var paths => [$"bind mounts only below {string.Join(", ", paths)}"],
        },
    ];

    /// <exception cref="AgentRefusedException">The file cannot be read or understood: better no agent than one without its policy.</exception>
    public static HostPolicy Load(string? file)
    {
        if (file is null)
        {
            return new HostPolicy(new PolicyRules());
        }

        try
        {
            var rules = JsonSerializer.Deserialize(File.ReadAllBytes(file), PolicyJson.Default.PolicyRules) ?? throw new JsonException("the file holds null");
            if (rules.BindMountsBelow?.FirstOrDefault(path => !path.StartsWith('/')) is { } relative)
            {
                throw new JsonException($"bindMountsBelow: '{relative}' is not an absolute path");
            }

            return new HostPolicy(rules);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AgentRefusedException($"The policy file '{file}' cannot be used: {e.Message}", ExitCode.Usage);
        }
    }

    /// <summary>Judges a new volume: its options may be a bind mount in disguise.</summary>
    /// <returns>The reason of a refusal; null when it may pass.</returns>
    public string? CheckVolume(VolumeSpec spec) => new VolumeRules(rules).Check(spec.Driver, spec.DriverOpts);

    /// <summary>Judges a new network: some drivers put containers on the host's own.</summary>
    /// <returns>The reason of a refusal; null when it may pass.</returns>
    public string? CheckNetwork(NetworkSpec spec) =>
        rules.NoHostNamespaces && spec.Driver is { Length: > 0 } driver && HostDrivers.Contains(driver, StringComparer.OrdinalIgnoreCase)
            ? $"The policy of this host forbids networks of driver '{driver}'."
            : null;

    /// <summary>Judges a body of create or update.</summary>
    /// <param name="specJson">The body.</param>
    /// <param name="clusterId">The cluster id that its labels must carry; null for an update.</param>
    /// <returns>The reason of a refusal; null when it may pass.</returns>
    public string? Check(string specJson, string? clusterId = null)
    {
        try
        {
            using var spec = JsonDocument.Parse(specJson, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return SpecShape.Check(spec.RootElement) ?? (clusterId is null ? null : SpecShape.CheckLabel(spec.RootElement, clusterId)) ?? new SpecRules(rules).Check(spec.RootElement);
        }
        catch (JsonException e)
        {
            return $"The container spec is not valid JSON: {e.Message}";
        }
    }
}
