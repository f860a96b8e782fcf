namespace ControlPlane.Web.Nodes;

/// <summary>What to run on a new machine.</summary>
public static class JoinCommand
{
    /// <param name="token">Text of the join token; passed by the environment, so that it is in no process list.</param>
    /// <param name="server">Address of this server.</param>
    public static string For(string token, string server) =>
        $"""
        CONTROLPLANE_JOIN_TOKEN={token} \
        controlplane-agent --data /var/lib/controlplane-agent \
          --engine unix:///var/run/docker.sock \
          --server {server}
        """;
}
