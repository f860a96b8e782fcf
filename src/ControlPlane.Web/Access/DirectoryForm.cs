using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Testing;

namespace ControlPlane.Web.Access;

/// <summary>The form of the directory's settings. Passwords go in and never come out.</summary>
public sealed class DirectoryForm
{
    public bool Enabled { get; set; }

    public List<ServerRow> Servers { get; set; } = [];

    public List<SearchRow> Searches { get; set; } = [];

    /// <summary>Separated by blanks or commas.</summary>
    public string? SignInAttributes { get; set; }

    public string? KeyAttribute { get; set; }

    public NestedGroups NestedGroups { get; set; }

    public bool JustInTimeProvisioning { get; set; }

    /// <summary><c>none</c>, <c>group</c> or <c>search</c>.</summary>
    public string Administrators { get; set; } = "none";

    public string? AdminGroupDn { get; set; }

    public string? AdminMemberAttribute { get; set; }

    public string? AdminBaseDn { get; set; }

    public string? AdminFilter { get; set; }

    public bool AdminSubtree { get; set; }

    public string? SyncSchedule { get; set; }

    public int ConnectTimeoutSeconds { get; set; }

    public int OperationTimeoutSeconds { get; set; }

    public int SignInTimeoutSeconds { get; set; }

    public int MaxParallelSignIns { get; set; }

    public long Revision { get; set; }

    /// <summary>Of the test panel.</summary>
    public string? TestName { get; set; }

    public string? TestPassword { get; set; }

    public static DirectoryForm From(DirectorySettingsView settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var rule = settings.Administrators;
        return new DirectoryForm
        {
            Enabled = settings.Enabled,
            Servers = settings.Servers.Count == 0 ? [new ServerRow()] : [.. settings.Servers.Select(ServerRow.From)],
            Searches = settings.Searches.Count == 0 ? [new SearchRow()] : [.. settings.Searches.Select(SearchRow.From)],
            SignInAttributes = string.Join(' ', settings.SignInAttributes),
            KeyAttribute = settings.KeyAttribute,
            NestedGroups = settings.NestedGroups,
            JustInTimeProvisioning = settings.JustInTimeProvisioning,
            Administrators = rule is null ? "none" : rule.GroupDn is null ? "search" : "group",
            AdminGroupDn = rule?.GroupDn,
            AdminMemberAttribute = rule?.MemberAttribute,
            AdminBaseDn = rule?.BaseDn,
            AdminFilter = rule?.Filter,
            AdminSubtree = rule?.Subtree == true,
            SyncSchedule = settings.SyncSchedule,
            ConnectTimeoutSeconds = settings.ConnectTimeoutSeconds,
            OperationTimeoutSeconds = settings.OperationTimeoutSeconds,
            SignInTimeoutSeconds = settings.SignInTimeoutSeconds,
            MaxParallelSignIns = settings.MaxParallelSignIns,
            Revision = settings.Revision,
        };
    }

    public DirectorySettings ToSettings() => new()
    {
        Enabled = Enabled,
        Servers = [.. Servers.Select(row => row.ToServer())],
        Searches = [.. Searches.Select(row => row.ToSearch())],
        SignInAttributes = (SignInAttributes ?? "").Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        KeyAttribute = KeyAttribute,
        NestedGroups = NestedGroups,
        JustInTimeProvisioning = JustInTimeProvisioning,
        Administrators = Administrators switch
        {
            "group" => new TeamDirectoryRule { GroupDn = AdminGroupDn ?? "", MemberAttribute = string.IsNullOrWhiteSpace(AdminMemberAttribute) ? null : AdminMemberAttribute },
            "search" => new TeamDirectoryRule { BaseDn = AdminBaseDn ?? "", Filter = AdminFilter, Subtree = AdminSubtree },
            _ => null,
        },
        SyncSchedule = SyncSchedule ?? "",
        ConnectTimeoutSeconds = ConnectTimeoutSeconds,
        OperationTimeoutSeconds = OperationTimeoutSeconds,
        SignInTimeoutSeconds = SignInTimeoutSeconds,
        MaxParallelSignIns = MaxParallelSignIns,
    };

    public DirectoryTestRequest ToTest() => new()
    {
        Settings = ToSettings(),
        UserName = string.IsNullOrWhiteSpace(TestName) ? null : TestName,
        Password = string.IsNullOrEmpty(TestPassword) || string.IsNullOrWhiteSpace(TestName) ? null : TestPassword,
    };
}

/// <summary>A server of the form.</summary>
public sealed class ServerRow
{
    public string? Url { get; set; }

    public string? Domain { get; set; }

    public bool StartTls { get; set; }

    public bool AllowPlainLdap { get; set; }

    public string? RootCertificates { get; set; }

    public bool SkipTlsVerify { get; set; }

    public string? ReaderDn { get; set; }

    public string? ReaderPassword { get; set; }

    public bool ReaderPasswordSet { get; set; }

    public bool NoSimplePagination { get; set; }

    public static ServerRow From(DirectoryServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return new ServerRow
        {
            Url = server.Url,
            Domain = server.Domain,
            StartTls = server.StartTls,
            AllowPlainLdap = server.AllowPlainLdap,
            RootCertificates = server.RootCertificates,
            SkipTlsVerify = server.SkipTlsVerify,
            ReaderDn = server.ReaderDn,
            ReaderPasswordSet = server.ReaderPasswordSet,
            NoSimplePagination = server.NoSimplePagination,
        };
    }

    public DirectoryServer ToServer() => new()
    {
        Url = Url ?? "",
        Domain = Domain,
        StartTls = StartTls,
        AllowPlainLdap = AllowPlainLdap,
        RootCertificates = RootCertificates,
        SkipTlsVerify = SkipTlsVerify,
        ReaderDn = ReaderDn,
        ReaderPassword = ReaderPassword,
        NoSimplePagination = NoSimplePagination,
    };
}

/// <summary>A user search of the form.</summary>
public sealed class SearchRow
{
    public string? BaseDn { get; set; }

    public string? UserNameAttribute { get; set; } = "uid";

    public string? FullNameAttribute { get; set; } = "cn";

    public string? EmailAttribute { get; set; } = "mail";

    public string? Filter { get; set; }

    public bool ScopeSubtree { get; set; }

    public bool MatchGroup { get; set; }

    public string? GroupDn { get; set; }

    public string? MemberAttribute { get; set; } = "member";

    public bool IterateMembers { get; set; }

    public static SearchRow From(UserSearch search)
    {
        ArgumentNullException.ThrowIfNull(search);
        return new SearchRow
        {
            BaseDn = search.BaseDn,
            UserNameAttribute = search.UserNameAttribute,
            FullNameAttribute = search.FullNameAttribute,
            EmailAttribute = search.EmailAttribute,
            Filter = search.Filter,
            ScopeSubtree = search.ScopeSubtree,
            MatchGroup = search.MatchGroup,
            GroupDn = search.GroupDn,
            MemberAttribute = search.MemberAttribute,
            IterateMembers = search.IterateMembers,
        };
    }

    public UserSearch ToSearch() => new()
    {
        BaseDn = BaseDn ?? "",
        UserNameAttribute = UserNameAttribute ?? "uid",
        FullNameAttribute = FullNameAttribute ?? "cn",
        EmailAttribute = EmailAttribute ?? "mail",
        Filter = Filter,
        ScopeSubtree = ScopeSubtree,
        MatchGroup = MatchGroup,
        GroupDn = GroupDn,
        MemberAttribute = MemberAttribute ?? "member",
        IterateMembers = IterateMembers,
    };
}
