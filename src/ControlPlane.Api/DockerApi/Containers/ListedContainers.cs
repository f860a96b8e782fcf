using System.Runtime.CompilerServices;
using System.Text.Json;
using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Entries of lists as bytes, kept for as long as their records: of hundreds that are listed again few have changed.</summary>
internal sealed class ListedContainers
{
    private readonly ConditionalWeakTable<ContainerRecord, Entry> _entries = [];

    /// <summary>Writes one entry of <c>GET /containers/json</c>.</summary>
    public void Write(Utf8JsonWriter json, ContainerRecord container, NodeRecord? node, DateTime now)
    {
        var status = ContainerDocuments.StatusOf(container, node, now);
        if (!_entries.TryGetValue(container, out var entry) || entry.Status != status || entry.Node != node?.Name || entry.Address != node?.Address)
        {
            entry = new Entry(status, node?.Name, node?.Address, Document(container, node, status));
            _entries.AddOrUpdate(container, entry);
        }

        json.WriteRawValue(entry.Json, skipInputValidation: true);
    }

    private static byte[] Document(ContainerRecord container, NodeRecord? node, string status)
    {
        using var buffer = new MemoryStream(1024);
        using (var json = new Utf8JsonWriter(buffer, JsonForm.Options))
        {
            ContainerDocuments.WriteListed(json, container, node, status);
        }

        return buffer.ToArray();
    }

    /// <param name="Status">Such as <c>Up 3 minutes</c>: it changes by itself.</param>
    /// <param name="Node">Name of the node; null = the node is gone.</param>
    /// <param name="Address">Of the node: ports are shown under it.</param>
    /// <param name="Json">The entry.</param>
    private sealed record Entry(string Status, string? Node, string? Address, byte[] Json);
}
