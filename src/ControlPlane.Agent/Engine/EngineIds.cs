namespace ControlPlane.Agent.Engine;

/// <summary>Ids as they may appear in an engine's path.</summary>
internal static class EngineIds
{
    /// <summary>True for 64 lower-case hex digits: a name or prefix would let one container shadow another.</summary>
    public static bool IsFull(string? id) => id is { Length: 64 } && id.All(char.IsAsciiHexDigitLower);
}
