using System.Net.Sockets;
using System.Security.Authentication;

namespace ControlPlane.Core.OpenId.Providers;

/// <summary>Says what a failed request means, in words of our own.</summary>
public static class ProviderFault
{
    public static ProviderException Of(Exception error, string what)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case ProviderException known:
                    return known;
                case AuthenticationException:
                    return new ProviderException("tls", $"No trusted TLS connection for the {what}: the certificate is not issued by a trusted authority, has expired, or is for another name.", error);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return new ProviderException("unreachable", "The provider's host name cannot be resolved.", error);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return new ProviderException("unreachable", "The provider refuses the connection: nothing listens there.", error);
                case OperationCanceledException:
                    return new ProviderException("timeout", "The provider did not answer in time.", error);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return new ProviderException("too_large", $"The {what} is larger than {ProviderHttp.MaximumAnswer / 1024} KiB.", error);
                default:
                    continue;
            }
        }

        return new ProviderException("unreachable", $"The request for the {what} failed.", error);
    }
}
