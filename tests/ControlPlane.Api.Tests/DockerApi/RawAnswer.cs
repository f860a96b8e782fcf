using System.Text.Json;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>An answer as it came over the wire; names of headers in lower case.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>True for what the Docker endpoint answers, also when it refuses.</summary>
    public bool IsDockers => Headers.ContainsKey("api-version");

    /// <summary>The text of an error in the engine's shape: <c>{"message": …}</c> and nothing else.</summary>
    public string Message
    {
        get
        {
            Headers.GetValueOrDefault("content-type").ShouldBe("application/json", $"{Status} {Body}");
            var json = JsonElement.Parse(Body);
            json.EnumerateObject().Single().Name.ShouldBe("message", Body);
            return json.GetProperty("message").GetString()!;
        }
    }

    /// <summary>Refused, by the endpoint in the engine's shape or by the HTTP server itself, which says nothing at all.</summary>
    public void ShouldBeRefused(params int[] statuses)
    {
        Status.ShouldBeOneOf(statuses);
        if (Body.Length > 0)
        {
            Message.ShouldNotBeEmpty();
        }
    }
}
