namespace ControlPlane.Lab;

/// <summary>What a finished command left behind.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The output without its last line end, or an exception that carries the command's own error text.</summary>
    public string OutputOrThrow(string what) => Succeeded
        ? Output.TrimEnd()
        : throw new LabException($"{what} failed with exit code {ExitCode}: {(Error.Length > 0 ? Error : Output).Trim()}");
}
