using System.Text;
using System.Text.Json;
using ControlPlane.Api.DockerApi.Containers;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Networks;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Json;

namespace ControlPlane.Api.DockerApi.Networks;

/// <summary>Networks: those that end at their node are listed as <c>node/name</c>.</summary>
internal sealed class NetworkRoutes(
    NetworkQueries queries, NetworkCreation creation, NetworkJoins joins, NetworkRemoval removal, ContainerQueries containers, TimeProvider clock) : IDockerRoutes
{
    private static readonly string[] Known = ["id", "name", "driver", "scope", "type", "label", "dangling", "node"];

    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("GET", "/networks", Permission.NetworksRead, Served.Snapshot, call => Task.FromResult(List(call))),
        DockerRoute.Of("POST", "/networks/create", Permission.NetworksCreate, Served.Nodes, CreateAsync),
        DockerRoute.Of("POST", "/networks/prune", Permission.NetworksPrune, Served.Nodes, PruneAsync),
        DockerRoute.Of("GET", "/networks/{id}", Permission.NetworksRead, Served.Nodes, InspectAsync),
        DockerRoute.Of("DELETE", "/networks/{id}", Permission.NetworksRemove, Served.Nodes, RemoveAsync),
        DockerRoute.Of("POST", "/networks/{id}/connect", Permission.NetworksConnect, Served.Nodes, ConnectAsync),
        DockerRoute.Of("POST", "/networks/{id}/disconnect", Permission.NetworksDisconnect, Served.Nodes, DisconnectAsync),
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

        var types = filters.Value.Of("type");
        if (types.FirstOrDefault(type => type is not ("builtin" or "custom")) is { } wrong)
        {
            return new InvalidError("filters", $"invalid filter 'type={wrong}'; it may be builtin or custom");
        }

        var found = queries.All(call.Caller, new NetworkFilter
        {
            Ids = filters.Value.Of("id"),
            Names = filters.Value.Of("name"),
            Drivers = filters.Value.Of("driver"),
            Scopes = filters.Value.Of("scope"),
            Nodes = filters.Value.Of("node"),
            Labels = filters.Value.Labels(),
            BuiltIn = types.Distinct(StringComparer.Ordinal).ToArray() is [var type] ? type == "builtin" : null,
            Dangling = dangling.Value,
        });
        return !found.IsSuccess ? found.Error : call.Write(200, json =>
        {
            json.WriteStartArray();
            foreach (var network in found.Value)
            {
                Write(json, network, network.Report.Json is { } text ? Encoding.UTF8.GetBytes(text) : null, _ => WriteNone(json));
            }

            json.WriteEndArray();
        });
    }

    private async Task<Error?> CreateAsync(DockerCall call)
    {
        var spec = await call.ReadAsync(EngineJson.Default.NetworkSpec);
        if (!spec.IsSuccess)
        {
            return spec.Error;
        }

        var made = await creation.CreateAsync(call.Caller, spec.Value, null, AdmissionForm.Engine, call.Aborted);
        return !made.IsSuccess ? made.Error : call.Write(201, json =>
        {
            json.WriteStartObject();
            json.WriteString("Id", made.Value.Id);
            json.WriteString("Warning", made.Value.Warning);
            json.WriteEndObject();
        });
    }

    private async Task<Error?> InspectAsync(DockerCall call)
    {
        var scope = call.Query.Text("scope", 16);
        if (!scope.IsSuccess)
        {
            return scope.Error;
        }

        var found = queries.Get(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        if (scope.Value is { } wanted && wanted != found.Value.Report.Scope)
        {
            return new NotFoundError("network.not_found", $"network {call.Name} not found");
        }

        var document = await queries.InspectAsync(found.Value, call.Query.Flag("verbose"), call.Aborted);
        return document.IsSuccess
            ? call.Write(200, json => Write(json, found.Value, document.Value, members => WriteContainers(json, call.Caller, members)))
            : document.Error;
    }

    private async Task<Error?> RemoveAsync(DockerCall call)
    {
        var removed = await removal.RemoveAsync(call.Caller, call.Name, call.Aborted);
        return removed.IsSuccess ? call.Status(204) : removed.Error;
    }

    private async Task<Error?> ConnectAsync(DockerCall call)
    {
        var spec = await call.ReadAsync(EngineJson.Default.NetworkConnectSpec);
        if (!spec.IsSuccess)
        {
            return spec.Error;
        }

        var joined = await joins.ConnectAsync(call.Caller, call.Name, spec.Value, AdmissionForm.Engine, call.Aborted);
        return joined.IsSuccess ? call.Status(200) : joined.Error;
    }

    private async Task<Error?> DisconnectAsync(DockerCall call)
    {
        var spec = await call.ReadAsync(EngineJson.Default.NetworkDisconnectSpec);
        if (!spec.IsSuccess)
        {
            return spec.Error;
        }

        var left = await joins.DisconnectAsync(call.Caller, call.Name, spec.Value, AdmissionForm.Engine, call.Aborted);
        return left.IsSuccess ? call.Status(200) : left.Error;
    }

    private async Task<Error?> PruneAsync(DockerCall call)
    {
        var filters = call.Query.Filters("label", "label!", "until");
        if (!filters.IsSuccess)
        {
            return filters.Error;
        }

        var until = Until.Of(filters.Value, clock.GetUtcNow().UtcDateTime);
        if (!until.IsSuccess)
        {
            return until.Error;
        }

        var removed = await removal.PruneAsync(call.Caller, new NetworkFilter { Labels = filters.Value.Labels(), Until = until.Value }, call.Aborted);
        return !removed.IsSuccess ? removed.Error : call.Write(200, json =>
        {
            json.WriteStartObject();
            EngineDocument.WriteTexts(json, "NetworksDeleted", removed.Value);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, FoundNetwork network, byte[]? document, Action<JsonElement> writeContainers)
    {
        json.WriteStartObject();
        json.WriteString("Name", network.FullName);
        var members = default(JsonElement);
        var isWhole = document is not null && EngineDocument.WriteMembers(json, document, member =>
        {
            members = member.Name == "Containers" ? member.Value.Clone() : members;
            return member.Name is "Name" or "Containers";
        });
        if (!isWhole)
        {
            json.WriteString("Id", network.Report.Id);
            json.WriteString("Created", network.Report.CreatedAt);
            json.WriteString("Scope", network.Report.Scope);
            json.WriteString("Driver", network.Report.Driver);
            json.WriteBoolean("Internal", network.Report.Internal);
            EngineDocument.WriteLabels(json, network.Report.Labels);
        }

        writeContainers(members);
        json.WriteEndObject();
    }

    private static void WriteNone(Utf8JsonWriter json)
    {
        json.WriteStartObject("Containers");
        json.WriteEndObject();
    }

    /// <summary>Those that the caller may see; who else is in a network is none of their business.</summary>
    private void WriteContainers(Utf8JsonWriter json, Caller caller, JsonElement members)
    {
        json.WriteStartObject("Containers");
        if (members.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in members.EnumerateObject().Where(member => containers.Find(caller, member.Name).IsSuccess))
            {
                member.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }
}
