namespace ControlPlane.Core.Containers.Admission;

/// <summary>In whose names fields are called in an answer.</summary>
public enum AdmissionForm
{
    /// <summary>The engine's: <c>HostConfig.Privileged</c>.</summary>
    Engine,

    /// <summary>Those of a create by REST: <c>privileged</c>.</summary>
    Rest,

    /// <summary>Those of a change by REST, which has the limits at its top.</summary>
    RestChange,
}

/// <summary>One reason why a spec is not admitted.</summary>
/// <param name="Field">In engine form.</param>
/// <param name="Rule">The right that is missing, or the name of the rule: for machines and the audit.</param>
/// <param name="Message">What is wrong and what to do, beginning with a verb.</param>
/// <param name="Policy">The collection whose policy it is; null when it is nobody's policy.</param>
public sealed record AdmissionRefusal(string Field, string Rule, string Message, string? Policy = null)
{
    public string FieldIn(AdmissionForm form) => form switch
    {
        AdmissionForm.Rest => RestFields.Of(Field) ?? Field,
        AdmissionForm.RestChange => RestFields.Of(Field) is { } rest ? rest.StartsWith("resources.", StringComparison.Ordinal) ? rest["resources.".Length..] : rest : Field,
        _ => Field,
    };
}
