using System.Data.Common;
using System.Net.Sockets;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Secrets;

namespace ControlPlane.Api.Hosting;

/// <summary>One sentence for an operator instead of a stack trace.</summary>
internal static class StartFailure
{
    public static string Sentence(Exception error) => error switch
    {
        ServerStartException => error.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            "The port is in use: choose another by Server:Port (--port), or 0 for a free one.",
        IOException { InnerException: SocketException socket } => $"Cannot listen: {socket.Message}",
        _ when DatabaseErrors.Of(error) is { } fault => fault.Message,
        DbException => $"The database cannot be used: {error.Message}",
        _ => $"The data directory cannot be used: {error.Message}",
    };
}
