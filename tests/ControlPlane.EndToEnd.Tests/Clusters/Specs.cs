using System.Text.Json.Nodes;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>Bodies of POST /containers.</summary>
internal static class Specs
{
    public const string Image = "busybox:latest";

    /// <summary>Runs until it is stopped, and then ends at once.</summary>
    public static JsonObject Sleeper(string? name = null, Action<JsonObject>? also = null)
    {
        var spec = Shell("exec sleep 3600", name, also);
        spec["stopSignal"] = "SIGKILL";
        return spec;
    }

    public static JsonObject Shell(string script, string? name = null, Action<JsonObject>? also = null)
    {
        var spec = new JsonObject { ["image"] = Image, ["command"] = new JsonArray("sh", "-c", script) };
        if (name is not null)
        {
            spec["name"] = name;
        }

        also?.Invoke(spec);
        return spec;
    }

    public static JsonArray Publish(int containerPort, int? hostPort = null)
    {
        var port = new JsonObject { ["containerPort"] = containerPort };
        if (hostPort is { } given)
        {
            port["hostPort"] = given;
        }

        return new JsonArray(port);
    }

    public static JsonArray On(string node) => new($"node=={node}");
}
