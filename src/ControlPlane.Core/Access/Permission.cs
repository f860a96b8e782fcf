namespace ControlPlane.Core.Access;

/// <summary>The rights that operations ask for. Endpoints declare one each; roles will map to sets of them.</summary>
public static class Permission
{
    public const string NodesRead = "nodes.read";
    public const string NodesUpdate = "nodes.update";
    public const string NodesRemove = "nodes.remove";
    public const string JoinTokensRead = "join_tokens.read";
    public const string JoinTokensCreate = "join_tokens.create";
    public const string JoinTokensRevoke = "join_tokens.revoke";
    public const string ContainersRead = "containers.read";
    public const string ContainersInspect = "containers.inspect";
    public const string ContainersLogs = "containers.logs";
    public const string ContainersStats = "containers.stats";
    public const string ContainersCreate = "containers.create";
    public const string ContainersControl = "containers.control";
    public const string ContainersUpdate = "containers.update";
    public const string ContainersRemove = "containers.remove";
    public const string ImagesRead = "images.read";
    public const string ImagesPull = "images.pull";
    public const string NetworksRead = "networks.read";
    public const string VolumesRead = "volumes.read";
    public const string OperationsRead = "operations.read";
    public const string OperationsCancel = "operations.cancel";
    public const string EventsRead = "events.read";
    public const string AuditRead = "audit.read";
    public const string SettingsRead = "settings.read";
    public const string SettingsUpdate = "settings.update";
    public const string TokensOwn = "tokens.own";
    public const string MetricsRead = "metrics.read";
    public const string ApiDescriptionRead = "api_description.read";
}
