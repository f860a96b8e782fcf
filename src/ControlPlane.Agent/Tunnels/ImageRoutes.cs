using ControlPlane.Agent.Engine;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Engine.Values;
using static ControlPlane.Agent.Tunnels.RouteText;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Requests about images.</summary>
internal static class ImageRoutes
{
    private const string AuthHeader = "X-Registry-Auth";

    // The engine takes a push without the header for a client of another age: this is an empty object.
    private const string NoAuth = "e30=";

    /// <summary>Null when it is no such request.</summary>
    public static Routed? Of(TunnelRequest request) => request switch
    {
        InspectImage inspect => Image(inspect.Reference) is { } problem ? Routed.Refuse(problem) : Routed.Get($"images/{InPath(inspect.Reference)}/json"),
        ImageHistory history => Image(history.Reference) is { } problem ? Routed.Refuse(problem) : Routed.Get($"images/{InPath(history.Reference)}/history"),
        SaveImages save => Images(save.References) is { } problem ? Routed.Refuse(problem)
            : Routed.Get($"images/get?{string.Join('&', save.References.Select(reference => $"names={Escape(reference)}"))}"),
        SearchImages search => Search(search),
        InspectDistribution inspect => Distribution(inspect),
        CheckLogin login => string.IsNullOrEmpty(login.AuthJson) ? Routed.Refuse("There is nothing to check.")
            : Routed.As(new EngineRequest("POST", "auth") { Json = login.AuthJson }).Unless(JsonObject(login.AuthJson)),
        FetchImage fetch => Fetch(fetch),
        PushImage push => Push(push),
        LoadImages load => Routed.As(new EngineRequest("POST", $"images/load?quiet={Flag(load.Quiet)}") { IsStreamed = true }),
        ImportImage import => Import(import),
        _ => null,
    };

    private static Routed Search(SearchImages search) =>
        (string.IsNullOrEmpty(search.Term) ? "Nothing to search for." : Text(search.Term) ?? JsonObject(search.FiltersJson) ?? Secret(search.RegistryAuth)
            ?? (search.Limit is null or (>= 1 and <= 100) ? null : "The limit must be 1 to 100.")) is { } problem
            ? Routed.Refuse(problem)
            : Routed.As(With(search.RegistryAuth, new EngineRequest(
                "GET",
                $"images/search?term={Escape(search.Term)}{(search.Limit is { } limit ? $"&limit={Number(limit)}" : "")}{Parameter("filters", search.FiltersJson)}")));

    private static Routed Distribution(InspectDistribution inspect) =>
        (Image(inspect.Reference) ?? Secret(inspect.RegistryAuth)) is { } problem
            ? Routed.Refuse(problem)
            : Routed.As(With(inspect.RegistryAuth, new EngineRequest("GET", $"distribution/{InPath(inspect.Reference)}/json")));

    private static Routed Fetch(FetchImage fetch)
    {
        if ((Platform(fetch.Platform) ?? Secret(fetch.RegistryAuth) ?? (ImageReference.IsImageId(fetch.Reference) ? "An image cannot be fetched by its id." : null)) is { } problem)
        {
            return Routed.Refuse(problem);
        }

        // Always with a tag or a digest: a name alone would be all tags.
        return ImageReference.TryParse(fetch.Reference, out var image, out var why)
            ? Routed.As(With(fetch.RegistryAuth, new EngineRequest(
                "POST", $"images/create?fromImage={Escape(image.FamiliarName)}&tag={Escape(image.Digest ?? image.Tag!)}{Parameter("platform", fetch.Platform)}")))
            : Routed.Refuse($"The image {why}.");
    }

    private static Routed Push(PushImage push) =>
        (Repository(push.Name) ?? Tag(push.Tag) ?? Secret(push.RegistryAuth)) is { } problem
            ? Routed.Refuse(problem)
            : Routed.As(With(push.RegistryAuth ?? NoAuth, new EngineRequest("POST", $"images/{InPath(push.Name)}/push{(push.Tag is null ? "" : $"?tag={Escape(push.Tag)}")}")));

    private static Routed Import(ImportImage import) =>
        ((import.Repository is null ? null : Repository(import.Repository)) ?? Tag(import.Tag) ?? Text(import.Message) ?? Texts(import.Changes) ?? Platform(import.Platform)) is { } problem
            ? Routed.Refuse(problem)
            : Routed.As(new EngineRequest(
                "POST",
                $"images/create?fromSrc=-{Parameter("repo", import.Repository)}{Parameter("tag", import.Tag)}{Parameter("message", import.Message)}"
                + string.Concat(import.Changes.Select(change => Parameter("changes", change))) + Parameter("platform", import.Platform)) { IsStreamed = true });

    private static EngineRequest With(string? auth, EngineRequest request) => auth is null ? request : request with { Header = new(AuthHeader, auth) };

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Escape(value)}";
}
