using ControlPlane.Contracts.Rest.Operations;

namespace ControlPlane.Web.Look;

/// <summary>The answer of an action in a sentence, with a place to look further.</summary>
public sealed record Notice(string Text, bool IsError = false, string? Link = null, string? LinkText = null, string? RequestId = null)
{
    public static Notice Of(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var text = problem.Fix.Length == 0 ? $"{problem.Title}: {problem.Text}" : $"{problem.Title}: {problem.Text} {problem.Fix}";
        return new Notice(text, IsError: true, RequestId: problem.RequestId);
    }

    public static Notice Of(string text, OperationView operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return new Notice(text, Link: $"/activity/{operation.Id}", LinkText: "Show the operation");
    }
}
