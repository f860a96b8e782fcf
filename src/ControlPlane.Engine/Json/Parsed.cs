using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Engine.Json;

/// <summary>What became of a document: the value, or everything that is wrong with it.</summary>
/// <typeparam name="T">The model the document was read into.</typeparam>
/// <param name="Value">The value; null exactly when there are errors.</param>
/// <param name="Errors">All errors found, at most <see cref="StrictJson.MaxErrors"/>; empty when there is a value.</param>
public sealed record Parsed<T>(T? Value, IReadOnlyList<SpecError> Errors)
    where T : class
{
    /// <summary>True when there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsValid => Value is not null;
}
