namespace ControlPlane.Agent.Hosting;

/// <summary>
/// Who the agent is on its host. All that it needs there is the engine's socket, and that is a matter of one group: started as root it
/// takes the socket's group and goes on as a user who owns nothing else.
/// </summary>
internal static class EngineAccess
{
    /// <exception cref="AgentRefusedException">The socket cannot be used, or root cannot be given up.</exception>
    public static void Take(AgentCommandLine options)
    {
        var user = ProcessUser.Current();
        var socket = ProcessUser.OwnersOf(options.EngineSocket);
        if (user == ProcessUser.Root && options.RunAs is { } other)
        {
            if (socket is null)
            {
                throw new AgentRefusedException(
                    $"There is no engine socket '{options.EngineSocket}', so it is not known which group may use it: mount it, or name another by --engine.");
            }

            ProcessUser.Become(other, socket.Group);
            user = other;
        }

        if (user != ProcessUser.Root && socket is not null && !ProcessUser.MayUse(options.EngineSocket))
        {
            throw new AgentRefusedException(Refusal(options.EngineSocket, user, socket));
        }
    }

    internal static string Refusal(string path, uint user, SocketOwners socket) => socket.IsForGroup
        ? $"User {user} may not use the engine's socket '{path}', group {socket.Group} may: give it that group (docker run --group-add {socket.Group}; on a host SupplementaryGroups={socket.Group})."
        : $"User {user} may not use the engine's socket '{path}', nor may its group {socket.Group}: give the group read and write (chmod g+rw), or run as user {socket.User}.";
}

/// <summary>Who may use a socket.</summary>
internal sealed record SocketOwners(uint User, uint Group, bool IsForGroup);
