namespace ControlPlane.Engine.Values;

/// <summary>An id of an engine object, or a cluster id: 64 lower-case hexadecimal digits.</summary>
public static class EngineId
{
    /// <summary>Number of digits.</summary>
    public const int Length = 64;

    /// <summary>True for a full id; a short id is none.</summary>
    /// <param name="id">The text.</param>
    public static bool IsValid(string? id) => id is { Length: Length } && id.All(char.IsAsciiHexDigitLower);
}
