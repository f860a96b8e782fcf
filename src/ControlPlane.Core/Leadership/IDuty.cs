namespace ControlPlane.Core.Leadership;

/// <summary>A background loop of the leader. Runs until the token is cancelled; when it throws, it is logged and started again.</summary>
public interface IDuty
{
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>Something that must be loaded before the server is ready, e.g. the ledger from the intents. Runs once, after the lease is taken.</summary>
public interface IWarmUp
{
    Task WarmUpAsync(CancellationToken cancellationToken);
}
