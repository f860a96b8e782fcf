using ControlPlane.Core.Data;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>Why a join token is refused. Only who holds the secret learns more than "unknown".</summary>
internal static class JoinTokenErrors
{
    public static readonly Error Unknown = new UnauthenticatedError("join_token.unknown", "The join token is not known. Make a new one on the server.");
    public static readonly Error UsedUp = new ForbiddenError("join_token.used_up", "The join token has been used as often as it may. Make a new one on the server.");

    public static Error? Of(JoinTokenEntity token, DateTime now, bool ignoreUses)
    {
        if (token.RevokedAt is not null)
        {
            return new ForbiddenError("join_token.revoked", "The join token was revoked. Make a new one on the server.");
        }

        if (token.ExpiresAt <= now)
        {
            return new ForbiddenError("join_token.expired", "The join token has expired. Make a new one on the server.");
        }

        return token.Uses >= token.MaxUses && !ignoreUses ? UsedUp : null;
    }
}
