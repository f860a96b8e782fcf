using ControlPlane.Core.Results;

namespace ControlPlane.Core.OpenId.Exchange;

/// <summary>Issues the short-lived tokens that stand for a provider's.</summary>
public interface IExchangedTokens
{
    /// <param name="userId">The service account.</param>
    /// <param name="permissions">It is limited to these; null = all of the account's.</param>
    /// <param name="collection">It is limited to this; null = all.</param>
    /// <param name="lifetime">From now.</param>
    /// <param name="description">Whose token it stands for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Result<ExchangedToken>> IssueAsync(
        string userId, IReadOnlyList<string>? permissions, string? collection, TimeSpan lifetime, string description, CancellationToken cancellationToken);
}

/// <summary>A token that was issued.</summary>
public sealed record ExchangedToken(string Id, string Token, DateTime ExpiresAt)
{
    public override string ToString() => $"ExchangedToken {Id}";
}
