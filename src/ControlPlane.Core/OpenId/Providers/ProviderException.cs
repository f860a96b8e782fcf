namespace ControlPlane.Core.OpenId.Providers;

/// <summary>A provider does not answer, or answers what cannot be used.</summary>
/// <param name="reason">One word for machines.</param>
/// <param name="message">A sentence for administrators; never the provider's own text.</param>
/// <param name="inner">What happened.</param>
public sealed class ProviderException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;

    /// <summary>It may go by itself.</summary>
    public bool IsPassing => Reason is "timeout" or "unreachable" or "status";
}
