using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi;

/// <summary>What filters of networks and volumes have in common.</summary>
internal static class ObjectFilters
{
    public static IReadOnlyList<string> Of(this IReadOnlyDictionary<string, IReadOnlyList<string>> filters, string name) => filters.GetValueOrDefault(name) ?? [];

    public static LabelFilters Labels(this IReadOnlyDictionary<string, IReadOnlyList<string>> filters) => new(filters.Of("label"), filters.Of("label!"));

    /// <summary>As the engine reads truth: <c>1 t true</c> or <c>0 f false</c>; null when nobody asks.</summary>
    public static Result<bool?> Truth(this IReadOnlyDictionary<string, IReadOnlyList<string>> filters, string name) => filters.Of(name) switch
    {
        [] => (bool?)null,
        ["1" or "t" or "T" or "true" or "True" or "TRUE"] => true,
        ["0" or "f" or "F" or "false" or "False" or "FALSE"] => false,
        _ => new InvalidError("filters", $"'{name}' must be true or false, once"),
    };
}
