namespace ControlPlane.Scheduling;

/// <summary>What kind of node property an index can be asked for.</summary>
public enum TermKind
{
    /// <summary>State is Ready.</summary>
    Ready,

    /// <summary>Availability is Active.</summary>
    Active,

    /// <summary>Node label or standard fact <see cref="Term.Key"/> has <see cref="Term.Value"/>; empty when it is missing.</summary>
    Label,

    /// <summary>A container with this name or full id is there.</summary>
    Container,

    /// <summary>A container there has <see cref="Term.Value"/> for label <see cref="Term.Key"/>.</summary>
    ContainerLabel,

    /// <summary>An image with this id, <c>repository:tag</c> or repository is there.</summary>
    Image,

    /// <summary>A local network with this name or id is there.</summary>
    Network,

    /// <summary>A local volume with this name is there.</summary>
    Volume,
}

/// <summary>A question that an inverted index answers with the set of nodes for which it is true.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Key">Key of a label, else empty.</param>
/// <param name="Value">The exact value, else empty.</param>
public readonly record struct Term(TermKind Kind, string Key, string Value)
{
    /// <summary>A question without a key.</summary>
    /// <param name="kind">What is asked.</param>
    /// <param name="value">The exact value.</param>
    public static Term Of(TermKind kind, string value = "") => new(kind, "", value);
}
