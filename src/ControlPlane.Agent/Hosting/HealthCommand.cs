namespace ControlPlane.Agent.Hosting;

/// <summary><c>controlplane-agent health</c>: for a container's healthcheck. Asks nobody, reads what the running agent keeps.</summary>
internal static class HealthCommand
{
    public static int Run(IReadOnlyList<string> arguments, TimeProvider time, TextWriter output, TextWriter errors)
    {
        if (arguments is not ["--health-file", { Length: > 0 } path])
        {
            throw new AgentRefusedException($"health needs --health-file FILE, the same as the agent's; {AgentCommandLine.Usage}", ExitCode.Usage);
        }

        if (new HealthFile(path, time).Problem() is { } problem)
        {
            errors.WriteLine(problem);
            return ExitCode.Refused;
        }

        output.WriteLine("There is a session with the server.");
        return ExitCode.Orderly;
    }
}
