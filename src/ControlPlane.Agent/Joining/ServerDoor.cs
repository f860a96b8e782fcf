using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Joining;

/// <summary>The plain HTTPS requests of an agent: join, challenge, ticket.</summary>
internal sealed class ServerDoor : IDisposable
{
    private const int LargestAnswer = 64 * 1024;

    private readonly AgentDeadlines _deadlines;
    private readonly HttpClient _http;

    public ServerDoor(Uri server, ServerTrust trust, AgentDeadlines deadlines)
    {
        _deadlines = deadlines;
        _http = new HttpClient(trust.CreateHandler(deadlines.ServerConnect))
        {
            BaseAddress = server,
            Timeout = deadlines.ServerRequest,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    public Task<JoinResponse> JoinAsync(JoinRequest request, CancellationToken cancellationToken) =>
        PostAsync(AgentProtocol.JoinPath, request, AgentJson.Default.JoinRequest, AgentJson.Default.JoinResponse, cancellationToken);

    /// <summary>Proves the node's identity and returns a ticket for one session.</summary>
    public async Task<string> TicketAsync(string nodeId, ECDsa key, CancellationToken cancellationToken)
    {
        var challenge = await PostAsync(
            AgentProtocol.ChallengePath, new ChallengeRequest(nodeId), AgentJson.Default.ChallengeRequest, AgentJson.Default.ChallengeResponse, cancellationToken);
        var text = Encoding.UTF8.GetBytes(AgentProtocol.SignedText(nodeId, challenge.Nonce));
        var signature = key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var ticket = await PostAsync(
            AgentProtocol.TicketPath, new TicketRequest(nodeId, challenge.Nonce, Convert.ToBase64String(signature)),
            AgentJson.Default.TicketRequest, AgentJson.Default.TicketResponse, cancellationToken);
        return ticket.Ticket;
    }

    public void Dispose() => _http.Dispose();

    private async Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_deadlines.ServerRequest);
        using var answer = await _http.PostAsync(path, content, deadline.Token);
        var bytes = await answer.Content.ReadAsByteArrayAsync(deadline.Token);
        if (!answer.IsSuccessStatusCode)
        {
            throw new ServerRefusedException((int)answer.StatusCode, ReadRefusal(bytes, (int)answer.StatusCode));
        }

        return JsonSerializer.Deserialize(bytes, answerType) ?? throw new JsonException($"The server answered {path} with null.");
    }

    private static AgentRefusal ReadRefusal(byte[] bytes, int status)
    {
        try
        {
            if (JsonSerializer.Deserialize(bytes, AgentJson.Default.AgentRefusal) is { Code: not null, Message: not null } refusal)
            {
                return refusal;
            }
        }
        catch (JsonException)
        {
            // Not our server's shape, e.g. a proxy's page: the status says it all.
        }

        return new AgentRefusal("http", $"The server answered with HTTP status {status}.");
    }
}
