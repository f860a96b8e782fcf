namespace ControlPlane.EndToEnd.Tests.Input;

/// <summary>A body that must be refused, and the field that the answer must name; null when the body as a whole is at fault.</summary>
internal sealed record BadBody(string Json, string? Field);
