namespace ControlPlane.Agent.Hosting;

/// <summary>How the process ends.</summary>
internal static class ExitCode
{
    public const int Orderly = 0;
    public const int Refused = 1;
    public const int Usage = 2;
}
