using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Contracts.Agents;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Simulation;

/// <summary>The doors of one server as agents use them; TLS with the server's CA. Shared by many simulated agents.</summary>
internal sealed class AgentDoorClient : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly HttpMessageInvoker _sockets;
    private readonly HttpClient _http;
    private readonly Uri _address;

    public AgentDoorClient(string url, string caPath)
    {
        _address = new Uri(url);
        _authority = X509CertificateLoader.LoadCertificateFromFile(caPath);
        var handler = LabApi.CreateHandler(_authority);
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5);
        _sockets = new HttpMessageInvoker(handler);
        _http = new HttpClient(handler) { BaseAddress = _address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Task<JoinResponse> JoinAsync(JoinRequest request, CancellationToken cancellationToken) =>
        PostAsync(AgentProtocol.JoinPath, request, AgentJson.Default.JoinRequest, AgentJson.Default.JoinResponse, cancellationToken);

    /// <summary>Nonce, signature, ticket, as every agent does at each connect.</summary>
    public async Task<string> TicketAsync(string nodeId, ECDsa key, CancellationToken cancellationToken)
    {
        var challenge = await PostAsync(
            AgentProtocol.ChallengePath, new ChallengeRequest(nodeId), AgentJson.Default.ChallengeRequest, AgentJson.Default.ChallengeResponse, cancellationToken);
        var signature = key.SignData(
            Encoding.UTF8.GetBytes(AgentProtocol.SignedText(nodeId, challenge.Nonce)), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var ticket = await PostAsync(
            AgentProtocol.TicketPath, new TicketRequest(nodeId, challenge.Nonce, Convert.ToBase64String(signature)),
            AgentJson.Default.TicketRequest, AgentJson.Default.TicketResponse, cancellationToken);
        return ticket.Ticket;
    }

    public async Task<ClientWebSocket> DialAsync(string path, string bearer, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + bearer);

        // The session has its heartbeats.
        socket.Options.KeepAliveInterval = path == AgentProtocol.TunnelPath ? TimeSpan.FromSeconds(15) : TimeSpan.Zero;
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(_address, path)) { Scheme = "wss" }.Uri, _sockets, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _sockets.Dispose();
        _authority.Dispose();
    }

    private async Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, bodyType, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }

        return (await answer.Content.ReadFromJsonAsync(answerType, cancellationToken))!;
    }
}
