using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>Bounds of what an agent says about its engine: it is kept in memory and shown to people.</summary>
internal static class DescriptionRules
{
    private const int MaxText = 512;
    private const int MaxLabels = 256;
    private const int MaxLabelValue = 4096;
    private const int MaxPolicies = 64;

    public static void Check(NodeDescription? description, List<FieldError> errors)
    {
        if (description is null)
        {
            return;
        }

        Text("description.engineId", description.EngineId, errors);
        Text("description.hostName", description.HostName, errors);
        Text("description.engineVersion", description.EngineVersion, errors);
        Text("description.apiVersion", description.ApiVersion, errors);
        Text("description.minApiVersion", description.MinApiVersion, errors);
        Text("description.operatingSystem", description.OperatingSystem, errors);
        Text("description.osType", description.OsType, errors);
        Text("description.architecture", description.Architecture, errors);
        Text("description.kernelVersion", description.KernelVersion, errors);
        Text("description.storageDriver", description.StorageDriver, errors);
        if (description.Address.Length > 0 && !NodeAddress.IsValid(description.Address))
        {
            errors.Add(new FieldError("description.address", $"Empty, or {NodeAddress.Shape}."));
        }

        if (description.Cpus is < 0 or > 100_000)
        {
            errors.Add(new FieldError("description.cpus", "0 to 100000."));
        }

        if (description.MemoryBytes < 0)
        {
            errors.Add(new FieldError("description.memoryBytes", "Not negative."));
        }

        if (description.EngineLabels is null || description.EngineLabels.Count > MaxLabels
            || description.EngineLabels.Any(label => label.Key.Length > MaxText || label.Value is null || label.Value.Length > MaxLabelValue))
        {
            errors.Add(new FieldError("description.engineLabels", $"At most {MaxLabels} labels, keys of {MaxText} and values of {MaxLabelValue} characters."));
        }

        if (description.Policy is null || description.Policy.Count > MaxPolicies || description.Policy.Any(line => line is null || line.Length > MaxText))
        {
            errors.Add(new FieldError("description.policy", $"At most {MaxPolicies} lines of {MaxText} characters."));
        }
    }

    private static void Text(string field, string? value, List<FieldError> errors)
    {
        if (value is null || value.Length > MaxText)
        {
            errors.Add(new FieldError(field, $"A text of at most {MaxText} characters."));
        }
    }
}
