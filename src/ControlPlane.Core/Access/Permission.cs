namespace ControlPlane.Core.Access;

/// <summary>The rights that operations ask for. Endpoints declare one each; roles are sets of them. <see cref="PermissionCatalog"/> describes them.</summary>
public static class Permission
{
    public const string NodesRead = "nodes.read";
    public const string NodesSchedule = "nodes.schedule";
    public const string NodesUpdate = "nodes.update";
    public const string NodesRemove = "nodes.remove";
    public const string JoinTokensRead = "join_tokens.read";
    public const string JoinTokensCreate = "join_tokens.create";
    public const string JoinTokensRevoke = "join_tokens.revoke";

    public const string ContainersRead = "containers.read";
    public const string ContainersInspect = "containers.inspect";
    public const string ContainersLogs = "containers.logs";
    public const string ContainersStats = "containers.stats";
    public const string ContainersTop = "containers.top";
    public const string ContainersChanges = "containers.changes";
    public const string ContainersCreate = "containers.create";
    public const string ContainersStart = "containers.start";
    public const string ContainersStop = "containers.stop";
    public const string ContainersRestart = "containers.restart";
    public const string ContainersKill = "containers.kill";
    public const string ContainersPause = "containers.pause";
    public const string ContainersUnpause = "containers.unpause";
    public const string ContainersRename = "containers.rename";
    public const string ContainersUpdate = "containers.update";
    public const string ContainersRemove = "containers.remove";
    public const string ContainersAttach = "containers.attach";
    public const string ContainersExec = "containers.exec";
    public const string ContainersExport = "containers.export";
    public const string ContainersCopyFrom = "containers.copy_from";
    public const string ContainersCopyTo = "containers.copy_to";
    public const string ContainersCommit = "containers.commit";
    public const string ContainersWait = "containers.wait";
    public const string ContainersPrune = "containers.prune";

    public const string HostPrivileged = "host.privileged";
    public const string HostMounts = "host.mounts";
    public const string HostCapabilities = "host.capabilities";
    public const string HostDevices = "host.devices";
    public const string HostNetwork = "host.network";
    public const string HostPid = "host.pid";
    public const string HostIpc = "host.ipc";
    public const string HostUts = "host.uts";
    public const string HostUserNamespace = "host.user_namespace";
    public const string HostCgroup = "host.cgroup";
    public const string HostSecurityOptions = "host.security_options";
    public const string HostSysctls = "host.sysctls";
    public const string HostOom = "host.oom";
    public const string HostRuntime = "host.runtime";
    public const string HostLogDriver = "host.log_driver";
    public const string HostUlimits = "host.ulimits";
    public const string HostStorage = "host.storage";
    public const string HostGroups = "host.groups";
    public const string HostPorts = "host.ports";
    public const string HostExecAsRoot = "host.exec_as_root";

    public const string ServicesRead = "services.read";
    public const string ServicesCreate = "services.create";
    public const string ServicesUpdate = "services.update";
    public const string ServicesScale = "services.scale";
    public const string ServicesRollback = "services.rollback";
    public const string ServicesRedeploy = "services.redeploy";
    public const string ServicesRemove = "services.remove";
    public const string ServicesLogs = "services.logs";
    public const string StacksRead = "stacks.read";
    public const string StacksDeploy = "stacks.deploy";
    public const string StacksRemove = "stacks.remove";

    public const string ImagesRead = "images.read";
    public const string ImagesPull = "images.pull";
    public const string ImagesPush = "images.push";
    public const string ImagesBuild = "images.build";
    public const string ImagesTag = "images.tag";
    public const string ImagesLoad = "images.load";
    public const string ImagesSave = "images.save";
    public const string ImagesRemove = "images.remove";
    public const string ImagesPrune = "images.prune";

    public const string NetworksRead = "networks.read";
    public const string NetworksCreate = "networks.create";
    public const string NetworksConnect = "networks.connect";
    public const string NetworksDisconnect = "networks.disconnect";
    public const string NetworksRemove = "networks.remove";
    public const string NetworksPrune = "networks.prune";

    public const string VolumesRead = "volumes.read";
    public const string VolumesCreate = "volumes.create";
    public const string VolumesUse = "volumes.use";
    public const string VolumesRemove = "volumes.remove";
    public const string VolumesPrune = "volumes.prune";
    public const string VolumesBrowse = "volumes.browse";

    public const string SecretsRead = "secrets.read";
    public const string SecretsCreate = "secrets.create";
    public const string SecretsUse = "secrets.use";
    public const string SecretsUpdate = "secrets.update";
    public const string SecretsRemove = "secrets.remove";

    public const string OperationsRead = "operations.read";
    public const string OperationsCancel = "operations.cancel";
    public const string EventsRead = "events.read";

    public const string CollectionsRead = "collections.read";
    public const string CollectionsCreate = "collections.create";
    public const string CollectionsUpdate = "collections.update";
    public const string CollectionsRemove = "collections.remove";
    public const string GrantsRead = "grants.read";
    public const string GrantsCreate = "grants.create";
    public const string GrantsRemove = "grants.remove";

    public const string UsersRead = "users.read";
    public const string UsersCreate = "users.create";
    public const string UsersUpdate = "users.update";
    public const string UsersRemove = "users.remove";
    public const string TeamsRead = "teams.read";
    public const string TeamsCreate = "teams.create";
    public const string TeamsUpdate = "teams.update";
    public const string TeamsRemove = "teams.remove";
    public const string RolesRead = "roles.read";
    public const string RolesCreate = "roles.create";
    public const string RolesUpdate = "roles.update";
    public const string RolesRemove = "roles.remove";
    public const string AuditRead = "audit.read";
    public const string SettingsRead = "settings.read";
    public const string SettingsUpdate = "settings.update";
    public const string MetricsRead = "metrics.read";
}
