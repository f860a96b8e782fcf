using ControlPlane.Core.Directories.Settings;

namespace ControlPlane.Core.Directories.Testing;

/// <summary>What to try: the settings as they are kept, or others that are not kept yet; and somebody to sign in.</summary>
public sealed record DirectoryTestRequest
{
    /// <summary>Null = those that are kept. A kept password goes only where it would go if these were kept.</summary>
    public DirectorySettings? Settings { get; init; }

    /// <summary>Whom to look for, as they would type it; null = only the servers and the reader.</summary>
    public string? UserName { get; init; }

    /// <summary>Null = the person's bind is left out. Never kept, never logged.</summary>
    public string? Password { get; init; }

    public override string ToString() => "DirectoryTestRequest";
}

/// <summary>One thing that was tried.</summary>
/// <param name="Name">E.g. <c>connect</c>, <c>tls</c>, <c>readerBind</c>, <c>search</c>, <c>userBind</c>, <c>groups</c>.</param>
/// <param name="Target">The server or the base it was tried on.</param>
/// <param name="Passed">Whether it went well; null when it was left out.</param>
/// <param name="Message">What was found, or exactly what failed.</param>
/// <param name="Advice">What to do; null when it went well.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="Details">More lines: the certificate, the filter, attributes, groups.</param>
public sealed record DirectoryTestStep(
    string Name, string Target, bool? Passed, string Message, string? Advice, double DurationMs, IReadOnlyList<string> Details);

/// <summary>What came of it.</summary>
/// <param name="Passed">Everything that was tried went well.</param>
/// <param name="Steps">In their order.</param>
/// <param name="UserDn">Who was found.</param>
/// <param name="Teams">The teams the person would belong to.</param>
/// <param name="Grants">Role on collection, because of what.</param>
/// <param name="Administrator">Whether the directory makes them an administrator; null = it does not say.</param>
public sealed record DirectoryTestReport(
    bool Passed, IReadOnlyList<DirectoryTestStep> Steps, string? UserDn, IReadOnlyList<string> Teams, IReadOnlyList<string> Grants, bool? Administrator);
