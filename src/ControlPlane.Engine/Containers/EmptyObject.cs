namespace ControlPlane.Engine.Containers;

/// <summary><c>{}</c>: the value of the engine's sets, which it writes as maps.</summary>
public sealed record EmptyObject;
