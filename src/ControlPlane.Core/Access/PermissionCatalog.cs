using System.Collections.Frozen;

namespace ControlPlane.Core.Access;

/// <summary>Where a right counts.</summary>
public enum PermissionScope
{
    /// <summary>On the collection of the thing that is touched.</summary>
    Collection,

    /// <summary>On <c>/System</c>: the control plane itself.</summary>
    System,
}

/// <summary>A right, for people.</summary>
/// <param name="Name">E.g. <c>containers.exec</c>.</param>
/// <param name="Title">What it allows, in a few words.</param>
/// <param name="Scope">Where it counts.</param>
public sealed record PermissionInfo(string Name, string Title, PermissionScope Scope)
{
    /// <summary>What it is about: the part before the dot.</summary>
    public string Group => Name[..Name.IndexOf('.', StringComparison.Ordinal)];
}

/// <summary>Every right there is. What is not listed here cannot be granted, so it is denied to everybody but administrators.</summary>
public static class PermissionCatalog
{
    public static IReadOnlyList<PermissionInfo> All { get; } =
    [
        On(Permission.NodesRead, "See nodes"),
        On(Permission.NodesSchedule, "Run containers on nodes"),
        On(Permission.NodesUpdate, "Change nodes: labels, availability, collection"),
        On(Permission.NodesRemove, "Remove nodes"),
        Of(Permission.JoinTokensRead, "See join tokens"),
        Of(Permission.JoinTokensCreate, "Make join tokens"),
        Of(Permission.JoinTokensRevoke, "Revoke join tokens"),

        On(Permission.ContainersRead, "See containers"),
        On(Permission.ContainersInspect, "Inspect containers, with their environment"),
        On(Permission.ContainersLogs, "Read logs"),
        On(Permission.ContainersStats, "See resource usage"),
        On(Permission.ContainersTop, "List processes"),
        On(Permission.ContainersChanges, "List changed files"),
        On(Permission.ContainersCreate, "Create containers"),
        On(Permission.ContainersStart, "Start containers"),
        On(Permission.ContainersStop, "Stop containers"),
        On(Permission.ContainersRestart, "Restart containers"),
        On(Permission.ContainersKill, "Send signals to containers"),
        On(Permission.ContainersPause, "Pause containers"),
        On(Permission.ContainersUnpause, "Unpause containers"),
        On(Permission.ContainersRename, "Rename containers"),
        On(Permission.ContainersUpdate, "Change limits and restart policy"),
        On(Permission.ContainersRemove, "Remove containers"),
        On(Permission.ContainersAttach, "Attach to a container's main process"),
        On(Permission.ContainersExec, "Run commands in containers"),
        On(Permission.ContainersExport, "Export a container's file system"),
        On(Permission.ContainersCopyFrom, "Copy files out of containers"),
        On(Permission.ContainersCopyTo, "Copy files into containers"),
        On(Permission.ContainersCommit, "Make an image of a container"),
        On(Permission.ContainersWait, "Wait for a container to end"),
        On(Permission.ContainersPrune, "Remove stopped containers together"),

        On(Permission.HostPrivileged, "Privileged containers"),
        On(Permission.HostMounts, "Mount directories of the host"),
        On(Permission.HostCapabilities, "Add kernel capabilities"),
        On(Permission.HostDevices, "Use devices of the host"),
        On(Permission.HostNetwork, "Use the host's network"),
        On(Permission.HostPid, "Use the host's processes (PID namespace)"),
        On(Permission.HostIpc, "Use the host's IPC namespace"),
        On(Permission.HostUts, "Use the host's UTS namespace"),
        On(Permission.HostUserNamespace, "Leave the user namespace"),
        On(Permission.HostCgroup, "Choose cgroup namespace and parent"),
        On(Permission.HostSecurityOptions, "Change seccomp, AppArmor and SELinux, unmask paths"),
        On(Permission.HostSysctls, "Set kernel parameters"),
        On(Permission.HostOom, "Be spared when memory runs out"),
        On(Permission.HostRuntime, "Choose the runtime"),
        On(Permission.HostLogDriver, "Send logs elsewhere by a log driver"),
        On(Permission.HostUlimits, "Set ulimits"),
        On(Permission.HostStorage, "Set storage options"),
        On(Permission.HostGroups, "Add groups of the host"),
        On(Permission.HostPorts, "Publish ports below 1024 or on one address of the host"),
        On(Permission.HostExecAsRoot, "Run commands as root or privileged"),

        On(Permission.ServicesRead, "See services"),
        On(Permission.ServicesCreate, "Create services"),
        On(Permission.ServicesUpdate, "Update services"),
        On(Permission.ServicesScale, "Scale services"),
        On(Permission.ServicesRollback, "Roll services back"),
        On(Permission.ServicesRedeploy, "Redeploy services"),
        On(Permission.ServicesRemove, "Remove services"),
        On(Permission.ServicesLogs, "Read logs of services"),
        On(Permission.StacksRead, "See stacks"),
        On(Permission.StacksDeploy, "Deploy stacks"),
        On(Permission.StacksRemove, "Remove stacks"),

        On(Permission.ImagesRead, "See images"),
        On(Permission.ImagesPull, "Pull images"),
        On(Permission.ImagesPush, "Push images"),
        On(Permission.ImagesBuild, "Build images"),
        On(Permission.ImagesTag, "Tag images"),
        On(Permission.ImagesLoad, "Load images"),
        On(Permission.ImagesSave, "Save images"),
        On(Permission.ImagesRemove, "Remove images"),
        On(Permission.ImagesPrune, "Remove unused images together"),

        On(Permission.NetworksRead, "See networks"),
        On(Permission.NetworksCreate, "Create networks"),
        On(Permission.NetworksConnect, "Connect containers to networks"),
        On(Permission.NetworksDisconnect, "Disconnect containers from networks"),
        On(Permission.NetworksRemove, "Remove networks"),
        On(Permission.NetworksPrune, "Remove unused networks together"),

        On(Permission.VolumesRead, "See volumes"),
        On(Permission.VolumesCreate, "Create volumes"),
        On(Permission.VolumesUse, "Mount volumes"),
        On(Permission.VolumesRemove, "Remove volumes"),
        On(Permission.VolumesPrune, "Remove unused volumes together"),
        On(Permission.VolumesBrowse, "Browse volumes"),

        On(Permission.SecretsRead, "See secrets (never their content)"),
        On(Permission.SecretsCreate, "Create secrets"),
        On(Permission.SecretsUse, "Use secrets"),
        On(Permission.SecretsUpdate, "Change labels of secrets"),
        On(Permission.SecretsRemove, "Remove secrets"),

        On(Permission.OperationsRead, "See operations of others"),
        On(Permission.OperationsCancel, "Cancel operations of others"),
        On(Permission.EventsRead, "Follow events"),

        On(Permission.CollectionsRead, "See collections and their policies"),
        On(Permission.CollectionsCreate, "Create collections"),
        On(Permission.CollectionsUpdate, "Change collections and their policies"),
        On(Permission.CollectionsRemove, "Remove collections"),
        On(Permission.GrantsRead, "See grants and effective access"),
        On(Permission.GrantsCreate, "Give rights one has oneself"),
        On(Permission.GrantsRemove, "Take grants away"),

        Of(Permission.UsersRead, "See users"),
        Of(Permission.UsersCreate, "Create users and service accounts"),
        Of(Permission.UsersUpdate, "Change users: password, state, sessions, tokens"),
        Of(Permission.UsersRemove, "Remove users"),
        Of(Permission.TeamsRead, "See teams"),
        Of(Permission.TeamsCreate, "Create teams"),
        Of(Permission.TeamsUpdate, "Change teams and their members"),
        Of(Permission.TeamsRemove, "Remove teams"),
        Of(Permission.RolesRead, "See roles"),
        Of(Permission.RolesCreate, "Create roles"),
        Of(Permission.RolesUpdate, "Change roles"),
        Of(Permission.RolesRemove, "Remove roles"),
        Of(Permission.AuditRead, "Read, export and verify the audit trail"),
        Of(Permission.SettingsRead, "See settings"),
        Of(Permission.SettingsUpdate, "Change settings"),
        Of(Permission.MetricsRead, "Read metrics"),
    ];

    private static readonly FrozenDictionary<string, int> Positions =
        All.Select((permission, position) => KeyValuePair.Create(permission.Name, position)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Its place in <see cref="All"/>; -1 when there is no such right.</summary>
    public static int IndexOf(string permission) => Positions.GetValueOrDefault(permission, -1);

    /// <summary>What is not listed is the control plane's own.</summary>
    public static PermissionScope ScopeOf(string permission) => IndexOf(permission) is >= 0 and var index ? All[index].Scope : PermissionScope.System;

    public static bool Exists(string permission) => Positions.ContainsKey(permission);

    private static PermissionInfo On(string name, string title) => new(name, title, PermissionScope.Collection);

    private static PermissionInfo Of(string name, string title) => new(name, title, PermissionScope.System);
}
