using ControlPlane.Api.Rest.Access;
using ControlPlane.Api.Rest.Audit;
using ControlPlane.Api.Rest.Auth;
using ControlPlane.Api.Rest.ClientBundle;
using ControlPlane.Api.Rest.Containers;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Api.Rest.Directories;
using ControlPlane.Api.Rest.Events;
using ControlPlane.Api.Rest.JoinTokens;
using ControlPlane.Api.Rest.Networks;
using ControlPlane.Api.Rest.Nodes;
using ControlPlane.Api.Rest.OpenId;
using ControlPlane.Api.Rest.Operations;
using ControlPlane.Api.Rest.Placements;
using ControlPlane.Api.Rest.Profile;
using ControlPlane.Api.Rest.Sessions;
using ControlPlane.Api.Rest.Settings;
using ControlPlane.Api.Rest.TokenExchange;
using ControlPlane.Api.Rest.Tokens;
using ControlPlane.Api.Rest.Users;
using ControlPlane.Api.Rest.Volumes;

namespace ControlPlane.Api.Rest;

/// <summary>REST under <c>/api/v1</c>: one line per feature.</summary>
internal static class RestApi
{
    public static void AddRest(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => RestJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<RestExceptionHandler>();
    }

    public static void MapRestApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1");
        api.MapAuth();
        api.MapTokens();
        api.MapRoles();
        api.MapTeams();
        api.MapCollections();
        api.MapGrants();
        api.MapEffectiveAccess();
        api.MapUsers();
        api.MapUserCredentials();
        api.MapSessions();
        api.MapProfile();
        api.MapClientBundle();
        api.MapAudit();
        api.MapNodes();
        api.MapNetworks();
        api.MapVolumes();
        api.MapJoinTokens();
        api.MapContainers();
        api.MapPlacements();
        api.MapOperations();
        api.MapEvents();
        api.MapSettings();
        api.MapSignInSettings();
        api.MapOpenId();
        api.MapTokenExchange();
        api.MapLdapSettings();
        api.MapDirectory();
    }
}
