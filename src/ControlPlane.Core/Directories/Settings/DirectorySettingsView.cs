namespace ControlPlane.Core.Directories.Settings;

/// <summary>The settings as people see them: without passwords.</summary>
public sealed record DirectorySettingsView : DirectorySettings
{
    internal DirectorySettingsView(DirectorySettings settings, long revision) : base(settings)
    {
        Servers = [.. settings.Servers.Select(server => server with { ReaderPassword = null })];
        Revision = revision;
        Warnings = DirectoryValidation.Warnings(settings);
    }

    /// <summary>The ETag; 0 while nobody has changed anything.</summary>
    public long Revision { get; }

    /// <summary>What is unsafe, in words.</summary>
    public IReadOnlyList<string> Warnings { get; }

    public override string ToString() => base.ToString();
}
