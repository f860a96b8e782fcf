namespace ControlPlane.Lab;

/// <summary>What a person needs to know of a running cluster.</summary>
internal static class ClusterReport
{
    public static async Task WriteAsync(
        LabServer server, IReadOnlyList<LabNode> nodes, string? password, CancellationToken cancellationToken)
    {
        Console.WriteLine();
        Console.WriteLine($"  Dashboard  {server.Url}   (CA certificate: {server.CaPath})");
        if (server.Url != server.LocalUrl)
        {
            Console.WriteLine($"             {server.AddressFor("localhost")} on this machine");
        }

        Console.WriteLine("  Account    admin");
        Console.WriteLine(password is null
            ? $"  Password   as printed at the first start; reset it by: {server.ResetPasswordCommand}"
            : $"  Password   {password}   (shown this once)");
        Console.WriteLine($"  API        source {server.AdminEnv}");
        Console.WriteLine("             curl --cacert $CONTROLPLANE_CA -H \"Authorization: Bearer $CONTROLPLANE_TOKEN\" $CONTROLPLANE_URL/api/v1/nodes");
        Console.WriteLine();
        await WriteNodesAsync(server, nodes, cancellationToken);
    }

    public static async Task WriteNodesAsync(
        LabServer server, IReadOnlyList<LabNode> nodes, CancellationToken cancellationToken)
    {
        using var api = server.OpenApi();
        var states = await api.NodesAsync(cancellationToken);
        Console.WriteLine($"  {"NODE",-16} {"STATE",-12} {"AVAILABILITY",-14} {"ADDRESS",-16} ENGINE");
        foreach (var node in nodes)
        {
            var state = states.FirstOrDefault(item => item.Name == node.Name);
            Console.WriteLine(
                $"  {node.Name,-16} {state?.State ?? "not joined",-12} {state?.Availability ?? "",-14} {node.Address,-16} unix://{node.EngineSocket}");
        }
    }
}
