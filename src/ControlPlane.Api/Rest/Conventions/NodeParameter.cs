namespace ControlPlane.Api.Rest.Conventions;

/// <summary><c>?node=</c> of things that are told apart by their node: paths take no name with a slash.</summary>
internal static class NodeParameter
{
    /// <summary><c>node/name</c>, or the name alone.</summary>
    public static string With(HttpContext context, string name) =>
        context.Request.Query["node"].ToString() is { Length: > 0 } node ? $"{node}/{name}" : name;
}
