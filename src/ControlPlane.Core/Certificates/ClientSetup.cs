using System.Text;
using ControlPlane.Core.Access;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Certificates;

/// <summary>How a person points <c>docker</c> at this cluster: by a client bundle, or by a token.</summary>
/// <param name="DockerHost">Where client bundles connect to, <c>tcp://host:2376</c>.</param>
/// <param name="ContextName">Name for the docker context.</param>
/// <param name="BundleCommands">For a shell, with the bundle downloaded.</param>
/// <param name="ContextCommands">The same as a docker context that stays.</param>
/// <param name="TokenHost">Where tokens connect to, <c>tcp://host:8443</c>.</param>
/// <param name="TokenConfig">What goes into the docker client's <c>config.json</c>.</param>
/// <param name="TokenCommands">For a shell, with the CA's certificate as <c>ca.pem</c>.</param>
/// <param name="CaCertificate">The CA that both addresses' certificates are checked by, PEM.</param>
public sealed record ClientSetupView(
    string DockerHost, string ContextName, string BundleCommands, string ContextCommands, string TokenHost, string TokenConfig, string TokenCommands, string CaCertificate);

/// <summary>Writes the instructions; nothing in them is secret.</summary>
public sealed class ClientSetup(PublicAddress address, CertificateAuthority authority)
{
    private const string TokenPlace = "YOUR-TOKEN";

    public async Task<Result<ClientSetupView>> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (Authorizer.CheckComplete(caller) is { } refused)
        {
            return refused;
        }

        var name = $"controlplane-{caller.Name.Replace('@', '-')}";
        var url = new Uri(address.DirectUrl);
        var tokenHost = $"tcp://{url.Host}:{url.Port}";
        var ca = await File.ReadAllTextAsync(authority.File, Encoding.UTF8, cancellationToken);
        return new ClientSetupView(
            address.DockerHost,
            name,
            $"unzip {name}.zip -d {name} && cd {name}\n. ./env.sh\ndocker info",
            $"unzip {name}.zip -d {name}\ndocker context import {name} {name}/controlplane.dockercontext\ndocker context use {name}",
            tokenHost,
            $$"""
            {
              "HttpHeaders": { "Authorization": "Bearer {{TokenPlace}}" }
            }
            """,
            $"mkdir -p ~/.docker-{name}   # config.json and ca.pem go there\nexport DOCKER_CONFIG=~/.docker-{name} DOCKER_CERT_PATH=~/.docker-{name} DOCKER_TLS_VERIFY=1\nexport DOCKER_HOST={tokenHost}\ndocker info",
            ca);
    }
}
