using ControlPlane.Core.Access;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>
/// The collection of something new: the one that is named, by field or by UCP's label; else the caller's default; else <c>/Shared</c>.
/// The answer always shows which one it was.
/// </summary>
public sealed class CollectionChoice(Authorizer authorizer, AccessStore access)
{
    private const string Field = "Collection";

    /// <summary>A collection that is only named may not exist and may be forbidden; one that a label stands for does and is not.</summary>
    public Result<string> For(Caller caller, string permission, string? named, IReadOnlyDictionary<string, string>? labels, AdmissionForm form)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (labels is null || !labels.TryGetValue(ReservedLabels.Access, out var value))
        {
            return named ?? caller.DefaultCollection ?? Collections.Shared;
        }

        if (Authorizer.CheckComplete(caller) is { } incomplete)
        {
            return incomplete;
        }

        var path = value is ['/', ..] ? value : "/" + value;
        var refusal =
            !CollectionPath.IsValid(path) || !access.Current.Collections.ContainsKey(path) || authorizer.Check(caller, permission, path) is not null
                ? $"names no collection in which you have the right {permission}; collections are never made by a label."
                : named is not null && named != path ? $"says {path}, but the collection is said to be {named}."
                : null;
        return refusal is null
            ? path
            : AdmissionErrors.Of([new AdmissionRefusal(FieldErrors.Key("Labels", ReservedLabels.Access), "collection.label", refusal)], form)!;
    }

    /// <summary>Notes a collection that things cannot be made in.</summary>
    public void Check(List<AdmissionRefusal> refusals, string collection)
    {
        ArgumentNullException.ThrowIfNull(refusals);
        if (!access.Current.Collections.ContainsKey(collection))
        {
            refusals.Add(new AdmissionRefusal(Field, "collection.not_found", $"{collection} does not exist. Make the collection first, or name another one."));
        }
        else if (CollectionPath.IsSelfOrUnder(collection, Collections.System))
        {
            refusals.Add(new AdmissionRefusal(Field, "collection.system", $"{collection} is for the control plane itself. Name another collection."));
        }
    }
}
