using System.Buffers;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Images;

/// <summary>Credentials for registries, in the headers that the docker client sends. Passed on for one request, never kept, logged or shown.</summary>
internal static class RegistryHeaders
{
    private const int Longest = 64 * 1024;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=");

    /// <summary>Of a pull, push, search or look at a registry.</summary>
    public static Result<string?> Auth(DockerCall call) => Read(call, "X-Registry-Auth");

    /// <summary>Of a build: of several registries.</summary>
    public static Result<string?> Config(DockerCall call) => Read(call, "X-Registry-Config");

    private static Result<string?> Read(DockerCall call, string header)
    {
        var value = call.Header(header, Longest);
        return !value.IsSuccess || value.Value is null ? value
            : value.Value.Length == 0 ? (string?)null
            : value.Value.AsSpan().ContainsAnyExcept(Base64) ? new InvalidError(header, "must be base64")
            : value;
    }
}
