using System.Text;
using System.Text.Json;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.Volumes;
using ControlPlane.Engine.Json;

namespace ControlPlane.Api.DockerApi.Volumes;

/// <summary>Volumes: listed as <c>node/name</c>, made on every node, or on the one that is named.</summary>
internal sealed class VolumeRoutes(VolumeQueries queries, VolumeCreation creation, VolumeRemoval removal) : IDockerRoutes
{
    private static readonly DockerVersion NamedOnesStay = new(1, 42);
    private static readonly string[] Known = ["name", "driver", "label", "dangling", "node"];

    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("GET", "/volumes", Permission.VolumesRead, Served.Snapshot, call => Task.FromResult(List(call))),
        DockerRoute.Of("POST", "/volumes/create", Permission.VolumesCreate, Served.Nodes, CreateAsync),
        DockerRoute.Of("POST", "/volumes/prune", Permission.VolumesPrune, Served.Nodes, PruneAsync),
        DockerRoute.Of("GET", "/volumes/{name}", Permission.VolumesRead, Served.Nodes, InspectAsync),
        DockerRoute.Of("DELETE", "/volumes/{name}", Permission.VolumesRemove, Served.Nodes, RemoveAsync),
        DockerRoute.Refuse("PUT", "/volumes/{name}", "Cluster volumes of Docker's swarm mode are not served here. Volumes cannot be changed: make a new one."),
    ];

    private Error? List(DockerCall call)
    {
        var filters = call.Query.Filters(Known);
        if (!filters.IsSuccess)
        {
            return filters.Error;
        }

        var dangling = filters.Value.Truth("dangling");
        if (!dangling.IsSuccess)
        {
            return dangling.Error;
        }

        var found = queries.All(call.Caller, new VolumeFilter
        {
            Names = filters.Value.Of("name"),
            Drivers = filters.Value.Of("driver"),
            Nodes = filters.Value.Of("node"),
            Labels = filters.Value.Labels(),
            Dangling = dangling.Value,
        });
        return !found.IsSuccess ? found.Error : call.Write(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("Volumes");
            foreach (var volume in found.Value)
            {
                Write(json, volume, volume.FullName, volume.Report.Json is { } text ? Encoding.UTF8.GetBytes(text) : null);
            }

            json.WriteEndArray();
            json.WriteNull("Warnings");
            json.WriteEndObject();
        });
    }

    private async Task<Error?> CreateAsync(DockerCall call)
    {
        var spec = await call.ReadAsync(EngineJson.Default.VolumeSpec);
        if (!spec.IsSuccess)
        {
            return spec.Error;
        }

        var made = await creation.CreateAsync(call.Caller, spec.Value, null, AdmissionForm.Engine, call.Aborted);
        if (!made.IsSuccess)
        {
            return made.Error;
        }

        // The name as it was asked for: that is what clients print and use next.
        var name = spec.Value.Name is { Length: > 0 } asked ? asked : made.Value.Name;
        var document = Encoding.UTF8.GetBytes(made.Value.Document ?? "{}");
        return call.Write(201, json =>
        {
            json.WriteStartObject();
            json.WriteString("Name", name);
            EngineDocument.WriteMembers(json, document, member => member.Name == "Name");
            json.WriteEndObject();
        });
    }

    private async Task<Error?> InspectAsync(DockerCall call)
    {
        var found = queries.Get(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var document = await queries.InspectAsync(found.Value, call.Aborted);
        return document.IsSuccess ? call.Write(200, json => Write(json, found.Value, call.Name, document.Value)) : document.Error;
    }

    private async Task<Error?> RemoveAsync(DockerCall call)
    {
        var force = call.Query.Flag("force");
        var removed = await removal.RemoveAsync(call.Caller, call.Name, force, call.Aborted);
        return removed.IsSuccess || (force && removed.Error is NotFoundError) ? call.Status(204) : removed.Error;
    }

    private async Task<Error?> PruneAsync(DockerCall call)
    {
        var filters = call.Query.Filters("label", "label!", "all");
        if (!filters.IsSuccess)
        {
            return filters.Error;
        }

        var all = filters.Value.Truth("all");
        if (!all.IsSuccess)
        {
            return all.Error;
        }

        var removed = await removal.PruneAsync(
            call.Caller, new VolumeFilter { Labels = filters.Value.Labels() }, all.Value ?? call.Version < NamedOnesStay, call.Aborted);
        return !removed.IsSuccess ? removed.Error : call.Write(200, json =>
        {
            json.WriteStartObject();
            EngineDocument.WriteTexts(json, "VolumesDeleted", removed.Value);
            json.WriteNumber("SpaceReclaimed", 0);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, FoundVolume volume, string name, byte[]? document)
    {
        json.WriteStartObject();
        json.WriteString("Name", name);
        if (document is null || !EngineDocument.WriteMembers(json, document, member => member.Name == "Name"))
        {
            json.WriteString("Driver", volume.Report.Driver);
            json.WriteString("Mountpoint", volume.Report.Mountpoint);
            json.WriteString("CreatedAt", volume.Report.CreatedAt);
            json.WriteString("Scope", "local");
            json.WriteNull("Options");
            EngineDocument.WriteLabels(json, volume.Report.Labels);
        }

        json.WriteEndObject();
    }
}
