namespace ControlPlane.Contracts.Rest;

/// <summary>One thing wrong with a request, and in which field.</summary>
/// <param name="Field">The field as the client wrote it: <c>ports[0].hostPort</c>, <c>env["PATH"]</c>; <c>$</c> is the body itself.</param>
/// <param name="Message">What is wrong, as the rest of a sentence that begins with the field: <c>must be a port, 1 to 65535</c>.</param>
public sealed record FieldError(string Field, string Message);
