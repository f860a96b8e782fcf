namespace ControlPlane.Core.Containers.Admission;

/// <summary>Labels that clients do not set: ours, and those UCP kept for itself.</summary>
internal static class ReservedLabels
{
    /// <summary>UCP's preset for the collection; the only one of its labels that clients set.</summary>
    public const string Access = "com.docker.ucp.access.label";

    private const string Ours = "controlplane.";
    private const string Ucp = "com.docker.ucp.";

    /// <param name="refusals">Where to note them.</param>
    /// <param name="field">Of the labels.</param>
    /// <param name="labels">As the client sent them.</param>
    /// <param name="preset">Is the label that chooses the collection accepted here?</param>
    public static void Check(List<AdmissionRefusal> refusals, string field, IReadOnlyDictionary<string, string>? labels, bool preset)
    {
        foreach (var name in labels?.Keys ?? [])
        {
            // Engines compare labels exactly, people and scripts do not.
            if (!(preset && name == Access) && (name.StartsWith(Ours, StringComparison.OrdinalIgnoreCase) || name.StartsWith(Ucp, StringComparison.OrdinalIgnoreCase)))
            {
                refusals.Add(new AdmissionRefusal(FieldErrors.Key(field, name), "label.reserved", "is reserved: labels of this name are made by the system."));
            }
        }
    }

    /// <summary>Is there a reserved name anywhere in the text?</summary>
    public static bool Mentions(string text) =>
        text.Contains(Ours, StringComparison.OrdinalIgnoreCase) || text.Contains(Ucp, StringComparison.OrdinalIgnoreCase);
}
