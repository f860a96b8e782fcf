namespace ControlPlane.Web.Look;

/// <summary>Why there is nothing, and what to do next.</summary>
public sealed record EmptyState(string Icon, string Title, string Text, string? Href = null, string? Action = null);
