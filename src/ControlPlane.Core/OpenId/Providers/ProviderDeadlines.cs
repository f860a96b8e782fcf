namespace ControlPlane.Core.OpenId.Providers;

/// <summary>How long anybody waits for a provider; in docs/design/deadlines.md.</summary>
public static class ProviderDeadlines
{
    /// <summary>One request.</summary>
    public static readonly TimeSpan Request = TimeSpan.FromSeconds(5);

    /// <summary>All requests of one step of a sign-in, of a test or of an exchange: a page comes within six seconds.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>A discovery document is fetched again after this.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromHours(12);

    /// <summary>What is known serves on while the provider does not answer, no longer than this.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromHours(24);

    /// <summary>An unknown key makes us look again, at most this often: outsiders choose key ids.</summary>
    public static readonly TimeSpan BetweenRefreshes = TimeSpan.FromSeconds(30);
}
