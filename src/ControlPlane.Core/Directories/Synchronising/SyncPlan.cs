using ControlPlane.Core.Directories.Reading;

namespace ControlPlane.Core.Directories.Synchronising;

/// <summary>What a run changes. Pure data; made by <see cref="SyncPlanner"/>, carried out by <see cref="SyncWriter"/>.</summary>
internal sealed record SyncPlan
{
    public List<DirectoryPerson> Creates { get; } = [];

    /// <summary>Accounts whose texts, state or rights change, by account.</summary>
    public List<AccountChange> Changes { get; } = [];

    /// <summary>To teams, by subject: some of them get their account in this run.</summary>
    public List<(string TeamId, string Subject)> Joins { get; } = [];

    /// <summary>From teams, by account.</summary>
    public List<(string TeamId, string UserId)> Leaves { get; } = [];

    /// <summary>Everybody seen who has an account already.</summary>
    public List<string> SeenSubjects { get; } = [];

    public int Disabled => Changes.Count(change => change.Disable is not null);
}

/// <summary>What becomes of one account; null = stays.</summary>
internal sealed record AccountChange(KnownAccount Account)
{
    public DirectoryPerson? Texts { get; init; }

    /// <summary>Why it is disabled.</summary>
    public string? Disable { get; init; }

    public bool Enable { get; init; }

    public bool? Administrator { get; init; }

    public bool IsNothing => Texts is null && Disable is null && !Enable && Administrator is null;

    /// <summary>Whether what the person may do changes, so that it must not be remembered.</summary>
    public bool ChangesRights => Disable is not null || Enable || Administrator is not null;
}
