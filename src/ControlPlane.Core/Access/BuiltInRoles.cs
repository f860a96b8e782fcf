namespace ControlPlane.Core.Access;

/// <summary>A role as decisions use it.</summary>
public sealed record RoleDefinition(string Id, string Name, string Description, PermissionSet Permissions, bool BuiltIn);

/// <summary>The roles every cluster has. Their ids are their names in lower case; they cannot be changed or removed.</summary>
public static class BuiltInRoles
{
    public const string NoneId = "none";
    public const string ViewOnlyId = "view-only";
    public const string OperatorId = "operator";
    public const string RestrictedControlId = "restricted-control";
    public const string SchedulerId = "scheduler";
    public const string FullControlId = "full-control";
    public const string AdminId = "admin";

    private static readonly string[] View =
    [
        Permission.NodesRead, Permission.ContainersRead, Permission.ContainersStats, Permission.ContainersTop,
        Permission.ServicesRead, Permission.StacksRead, Permission.ImagesRead, Permission.NetworksRead, Permission.VolumesRead,
        Permission.SecretsRead, Permission.OperationsRead, Permission.EventsRead, Permission.CollectionsRead,
    ];

    private static readonly string[] Operate =
    [
        .. View, Permission.ContainersInspect, Permission.ContainersLogs, Permission.ContainersChanges, Permission.ContainersWait,
        Permission.ContainersStart, Permission.ContainersStop, Permission.ContainersRestart, Permission.ServicesLogs, Permission.OperationsCancel,
    ];

    // Nothing here reaches the node: no exec, no copying, no option of the host.
    private static readonly string[] Restricted =
    [
        .. Operate, Permission.ContainersCreate, Permission.ContainersKill, Permission.ContainersPause, Permission.ContainersUnpause,
        Permission.ContainersRename, Permission.ContainersUpdate, Permission.ContainersRemove, Permission.ContainersAttach, Permission.ContainersPrune,
        Permission.ServicesCreate, Permission.ServicesUpdate, Permission.ServicesScale, Permission.ServicesRollback, Permission.ServicesRedeploy,
        Permission.ServicesRemove, Permission.StacksDeploy, Permission.StacksRemove, Permission.ImagesPull,
        Permission.NetworksCreate, Permission.NetworksConnect, Permission.NetworksDisconnect, Permission.NetworksRemove,
        Permission.VolumesCreate, Permission.VolumesUse, Permission.VolumesRemove, Permission.SecretsCreate, Permission.SecretsUse,
        Permission.SecretsUpdate, Permission.SecretsRemove,
    ];

    public static IReadOnlyList<RoleDefinition> All { get; } =
    [
        Role(NoneId, "None", "Sees nothing and may do nothing.", []),
        Role(ViewOnlyId, "View Only", "Sees things, changes nothing; no logs, no environment.", View),
        Role(OperatorId, "Operator", "Starts, stops and restarts what is there, reads logs.", Operate),
        Role(RestrictedControlId, "Restricted Control", "Creates and removes, but nothing that reaches the host: no exec, no host directories, no privileges.", Restricted),
        Role(SchedulerId, "Scheduler", "Sees nodes and may run containers on them.", [Permission.NodesRead, Permission.NodesSchedule]),
        Role(FullControlId, "Full Control", "Everything with containers, images, networks and volumes, also what reaches the host: as good as root on the nodes.", Full()),
        new(AdminId, "Admin", "Everything, access included.", PermissionSet.All, true),
    ];

    private static IEnumerable<string> Full()
    {
        string[] access =
        [
            Permission.NodesUpdate, Permission.NodesRemove, Permission.CollectionsCreate, Permission.CollectionsUpdate, Permission.CollectionsRemove,
            Permission.GrantsRead, Permission.GrantsCreate, Permission.GrantsRemove,
        ];
        return PermissionCatalog.All.Where(permission => permission.Scope == PermissionScope.Collection).Select(permission => permission.Name)
            .Except(access, StringComparer.Ordinal);
    }

    private static RoleDefinition Role(string id, string name, string description, IEnumerable<string> permissions) =>
        new(id, name, description, PermissionSet.Of(permissions), true);
}
