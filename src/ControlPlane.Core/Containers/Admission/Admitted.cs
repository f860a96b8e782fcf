using System.Diagnostics.CodeAnalysis;
using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>The engine form of a request, or everything that is wrong with it.</summary>
public sealed record Admitted<T>(T? Value, IReadOnlyList<FieldError> Errors)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsValid => Value is not null;
}
