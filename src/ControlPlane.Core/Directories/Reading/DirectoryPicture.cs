namespace ControlPlane.Core.Directories.Reading;

/// <summary>What the directory says, as a whole: who there is, and who fits which rule.</summary>
internal sealed record DirectoryPicture
{
    /// <summary>By <see cref="DirectoryPerson.Subject"/>.</summary>
    public required IReadOnlyDictionary<string, DirectoryPerson> People { get; init; }

    /// <summary>False when some search failed, was cut off or found nobody: then nobody has vanished.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>By team.</summary>
    public required IReadOnlyDictionary<string, RuleAnswer> Teams { get; init; }

    /// <summary>Null when the directory does not say who administers.</summary>
    public RuleAnswer? Administrators { get; init; }
}

/// <summary>Who fits a rule; with a problem the answer is not whole, and takes nothing away.</summary>
internal sealed record RuleAnswer(IReadOnlySet<string> Subjects, string? Problem)
{
    public static RuleAnswer Failed(string problem) => new(new HashSet<string>(), problem);
}
