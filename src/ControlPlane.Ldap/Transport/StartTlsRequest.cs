using ControlPlane.Ldap.Protocol;

namespace ControlPlane.Ldap.Transport;

/// <summary>Asks for TLS on a plain connection (RFC 4511, section 4.14.1). There is no way on without it.</summary>
internal static class StartTlsRequest
{
    private const int Id = 1;

    public static async Task RunAsync(MessageStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(RequestWriter.Extended(Id, LdapOid.StartTls, null), cancellationToken);
            LdapMessage? answer;
            while ((answer = stream.TryTake()) is null)
            {
                await stream.ReceiveAsync(cancellationToken);
            }

            Check(answer);
        }
        catch (IOException e)
        {
            throw new LdapException(LdapErrorKind.ConnectionClosed, "The directory server closed the connection.", e);
        }

        // Whoever is on the way could have put it there, to be taken for what came through TLS.
        if (stream.HasUnread)
        {
            throw new LdapException(LdapErrorKind.ProtocolError, "The server sent more after its consent to TLS.");
        }
    }

    private static void Check(LdapMessage answer)
    {
        if (answer is not ResultMessage { Id: Id or 0, Operation: OperationTag.ExtendedResponse } result)
        {
            throw new LdapException(LdapErrorKind.ProtocolError, "The server did not answer the request for TLS.");
        }

        if (result.Id == 0)
        {
            throw new LdapException(LdapErrorKind.ConnectionClosed, "The directory server ended the connection.", result.Code, result.Diagnostic);
        }

        if (result.Code != ResultCodes.Success)
        {
            throw new LdapException(LdapErrorKind.TlsFailed, $"The directory server refuses TLS (result {result.Code}).", result.Code, result.Diagnostic);
        }
    }
}
