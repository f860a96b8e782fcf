using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Directories;

/// <summary>Synchronisation with the directory, and the test of its settings.</summary>
internal static class DirectoryEndpoints
{
    public static void MapDirectory(this RouteGroupBuilder api)
    {
        var directory = api.MapGroup("/directory").WithTags("Directory");
        directory.MapPost("/sync", SyncAsync).WithName("SyncDirectory").RequirePermission(Permission.SettingsUpdate);
        directory.MapGet("/syncs", ListAsync).WithName("ListDirectorySyncs").TakesList().RequirePermission(Permission.SettingsRead);
        directory.MapGet("/syncs/{id}", GetAsync).WithName("GetDirectorySync").RequirePermission(Permission.SettingsRead);
        directory.MapPost("/test", TestAsync).WithName("TestDirectory").Accepts<DirectoryTestRequest>("application/json").RequirePermission(Permission.SettingsUpdate);
    }

    private static async Task<Results<Accepted<DirectorySyncView>, ProblemResult>> SyncAsync(
        Caller caller, DirectorySync sync, CancellationToken cancellationToken, bool force = false) =>
        (await sync.StartAsync(caller, force, cancellationToken)).ToHttp(run => TypedResults.Accepted($"/api/v1/directory/syncs/{run.Id}", run));

    private static async Task<Results<Ok<Page<DirectorySyncView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, DirectorySync sync, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess ? (await sync.ListAsync(caller, cancellationToken)).ToHttp(page => ListQueries.ToHttp(context, page)) : query.Error.ToProblem();
    }

    private static async Task<Results<Ok<DirectorySyncView>, ProblemResult>> GetAsync(
        string id, Caller caller, DirectorySync sync, CancellationToken cancellationToken) =>
        (await sync.GetAsync(caller, id, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<DirectoryTestReport>, ProblemResult>> TestAsync(
        HttpContext context, Caller caller, DirectoryTest test, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<DirectoryTestRequest>(context);
        return body.IsSuccess ? (await test.RunAsync(caller, body.Value, cancellationToken)).ToHttp(TypedResults.Ok) : body.Error.ToProblem();
    }
}
