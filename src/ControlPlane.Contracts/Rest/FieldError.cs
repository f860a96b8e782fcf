namespace ControlPlane.Contracts.Rest;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Field">Path of the field as the client wrote it, e.g. <c>ports[0].hostPort</c>.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record FieldError(string Field, string Message);
