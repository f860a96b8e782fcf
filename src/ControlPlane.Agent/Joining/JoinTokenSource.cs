using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Joining;

/// <summary>
/// Where join tokens come from: once from the environment, or from a file that somebody else keeps. The server that writes such a file
/// may start at the same moment as the agent, so a missing, empty or refused one is waited for.
/// </summary>
internal sealed partial class JoinTokenSource(AgentCommandLine options, AgentDeadlines deadlines, TimeProvider time, ILogger<JoinTokenSource> logger)
{
    // The longest waits are ten seconds: about one line in two minutes.
    private const int LookPerLine = 12;

    public bool HasAny => MayChange || options.Token is not null;

    public bool MayChange => options.TokenFile is not null;

    /// <summary>The next token to try.</summary>
    /// <param name="refused">The last one, which the server did not take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AgentRefusedException">The file cannot be read or holds something else.</exception>
    public async Task<JoinToken> NextAsync(JoinToken? refused, CancellationToken cancellationToken)
    {
        if (options.TokenFile is not { } file)
        {
            return options.Token ?? throw new AgentRefusedException("There is no join token.", ExitCode.Usage);
        }

        var backoff = new ReconnectBackoff(deadlines.ReconnectFirst, deadlines.ReconnectLongest, Random.Shared);
        while (true)
        {
            var token = Read(file, out var problem);
            if (token is not null && token != refused)
            {
                return token;
            }

            var wait = backoff.Next();
            if (backoff.Failures % LookPerLine == 1)
            {
                LogWaiting(file, problem ?? "it still holds the token that was refused");
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>The token that is there now, for a node that needs none to join; null when there is none that can be read.</summary>
    public JoinToken? Peek()
    {
        if (options.TokenFile is not { } file)
        {
            return options.Token;
        }

        try
        {
            return Read(file, out _);
        }
        catch (AgentRefusedException)
        {
            return null;
        }
    }

    private static JoinToken? Read(string file, out string? problem)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "it is not there";
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentRefusedException($"The token file '{file}' cannot be read: {e.Message}", ExitCode.Usage);
        }

        problem = string.IsNullOrWhiteSpace(text) ? "it is empty" : null;
        return problem is null ? AgentCommandLine.ParseToken(text, file) : null;
    }

    [LoggerMessage(LogLevel.Information, "Waiting for a join token in {File}: {Problem}.")]
    private partial void LogWaiting(string file, string problem);
}
