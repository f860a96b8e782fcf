using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Networks;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Networks;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Networks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Networks;

/// <summary>Networks of the cluster.</summary>
internal static class NetworkEndpoints
{
    private static readonly string[] Sorts = ["name"];

    public static void MapNetworks(this RouteGroupBuilder api)
    {
        api.MapGet("/nodes/{id}/networks", (HttpContext context, string id, Caller caller, NetworkQueries queries) => List(context, id, caller, queries))
            .WithName("ListNodeNetworks").TakesList([], Sorts).WithTags("Nodes").RequirePermission(Permission.NetworksRead);
        api.MapGet("/networks", (HttpContext context, Caller caller, NetworkQueries queries) => List(context, null, caller, queries))
            .WithName("ListNetworks").TakesList([], Sorts).WithTags("Networks").RequirePermission(Permission.NetworksRead);
        api.MapPost("/networks", CreateAsync).WithName("CreateNetwork").WithTags("Networks").Accepts<NetworkCreateRequest>("application/json")
            .RequirePermission(Permission.NetworksCreate);
        api.MapGet("/networks/{id}", Get).WithName("GetNetwork").WithTags("Networks").RequirePermission(Permission.NetworksRead);
        api.MapDelete("/networks/{id}", RemoveAsync).WithName("RemoveNetwork").WithTags("Networks").RequirePermission(Permission.NetworksRemove);
        api.MapPost("/networks/{id}/connect", ConnectAsync).WithName("ConnectNetwork").WithTags("Networks").Accepts<NetworkConnectRequest>("application/json")
            .RequirePermission(Permission.NetworksConnect);
        api.MapPost("/networks/{id}/disconnect", DisconnectAsync).WithName("DisconnectNetwork").WithTags("Networks")
            .Accepts<NetworkDisconnectRequest>("application/json").RequirePermission(Permission.NetworksDisconnect);
    }

    private static Results<Ok<Page<NetworkView>>, ProblemResult> List(HttpContext context, string? node, Caller caller, NetworkQueries queries)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? queries.List(caller, node, ListRequests.From(query.Value)).ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static Results<Ok<NetworkView>, ProblemResult> Get(HttpContext context, string id, Caller caller, NetworkQueries queries) =>
        queries.View(caller, NodeParameter.With(context, id)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Created<NetworkCreatedView>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, NetworkCreation networks, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<NetworkCreateRequest>(context);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        return (await networks.CreateAsync(caller, body.Value, cancellationToken)).ToHttp(made =>
            TypedResults.Created($"/api/v1/networks/{made.Id}", new NetworkCreatedView(made.Id, made.FullName, made.Node, made.Collection, made.Warning)));
    }

    private static async Task<Results<NoContent, ProblemResult>> RemoveAsync(
        HttpContext context, string id, Caller caller, NetworkRemoval networks, CancellationToken cancellationToken) =>
        (await networks.RemoveAsync(caller, NodeParameter.With(context, id), cancellationToken)).ToHttp();

    private static async Task<Results<NoContent, ProblemResult>> ConnectAsync(
        HttpContext context, string id, Caller caller, NetworkJoins joins, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<NetworkConnectRequest>(context);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        var asked = body.Value;
        var hasAddress = asked.Ipv4Address is not null || asked.Ipv6Address is not null;
        var spec = new NetworkConnectSpec
        {
            Container = asked.Container,
            EndpointConfig = asked.Aliases is null && !hasAddress
                ? null
                : new EndpointSettings
                {
                    Aliases = asked.Aliases,
                    IPAMConfig = hasAddress ? new EndpointIpam { IPv4Address = asked.Ipv4Address, IPv6Address = asked.Ipv6Address } : null,
                },
        };
        return (await joins.ConnectAsync(caller, NodeParameter.With(context, id), spec, AdmissionForm.Rest, cancellationToken)).ToHttp();
    }

    private static async Task<Results<NoContent, ProblemResult>> DisconnectAsync(
        HttpContext context, string id, Caller caller, NetworkJoins joins, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<NetworkDisconnectRequest>(context);
        return body.IsSuccess
            ? (await joins.DisconnectAsync(
                caller, NodeParameter.With(context, id), new NetworkDisconnectSpec { Container = body.Value.Container, Force = body.Value.Force }, AdmissionForm.Rest, cancellationToken)).ToHttp()
            : body.Error.ToProblem();
    }
}
