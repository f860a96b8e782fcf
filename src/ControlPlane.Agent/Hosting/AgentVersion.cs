using System.Reflection;

namespace ControlPlane.Agent.Hosting;

/// <summary>Version of this agent.</summary>
internal static class AgentVersion
{
    public static string Text { get; } =
        typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
