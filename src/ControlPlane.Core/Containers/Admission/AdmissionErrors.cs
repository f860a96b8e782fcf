using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>From refusals to what callers are told and to what the audit keeps.</summary>
internal static class AdmissionErrors
{
    public const string Code = "admission.refused";

    // Enough to correct a request by.
    private const int Most = 100;
    private const int Named = 10;

    /// <summary>Null when nothing is refused.</summary>
    public static ForbiddenError? Of(IReadOnlyList<AdmissionRefusal> refusals, AdmissionForm form)
    {
        if (refusals.Count == 0)
        {
            return null;
        }

        FieldError[] fields = [.. refusals.Take(Most).Select(refusal => new FieldError(refusal.FieldIn(form), refusal.Message)).Distinct()];
        return Of(fields);
    }

    public static ForbiddenError Of(IReadOnlyList<FieldError> fields) => new(Code, Summary(fields)) { Fields = fields };

    /// <summary>Every field with the rule it breaks.</summary>
    public static string Detail(IEnumerable<AdmissionRefusal> refusals) => string.Join(
        "; ", refusals.Take(Most).Select(refusal => $"{refusal.Field}: {refusal.Rule}{(refusal.Policy is null ? "" : $" (policy of {refusal.Policy})")}").Distinct());

    private static string Summary(IReadOnlyList<FieldError> fields)
    {
        if (fields.Count == 1)
        {
            return $"Not admitted: {fields[0].Field} {fields[0].Message}";
        }

        var names = fields.Select(field => field.Field).Distinct(StringComparer.Ordinal).ToList();
        var shown = string.Join(", ", names.Take(Named)) + (names.Count > Named ? $" and {names.Count - Named} more" : "");
        return $"Not admitted, for {fields.Count} reasons: {shown}.";
    }
}
