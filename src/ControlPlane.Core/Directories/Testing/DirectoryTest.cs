using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Directories.Testing;

/// <summary>The test panel: tries settings before they hold, step by step. Changes nothing and keeps nothing but an audit entry.</summary>
public sealed class DirectoryTest
{
    private static readonly AuditObject Target = new("settings", "ldap");

    private readonly DirectorySettingsService _settings;
    private readonly DirectoryProbe _probe;
    private readonly AccessGate _gate;
    private readonly AuditTrail _audit;

    internal DirectoryTest(DirectorySettingsService settings, DirectoryProbe probe, AccessGate gate, AuditTrail audit) =>
        (_settings, _probe, _gate, _audit) = (settings, probe, gate, audit);

    public async Task<Result<DirectoryTestReport>> RunAsync(Caller caller, DirectoryTestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await _gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (request.UserName is { } name && (string.IsNullOrWhiteSpace(name) || name.Length > 256 || name.Any(char.IsControl)))
        {
            return new InvalidError("userName", "must have 1 to 256 characters and no control characters");
        }

        if (request.Password is not null && request.UserName is null)
        {
            return new InvalidError("userName", "is needed with a password");
        }

        var kept = _settings.Current;
        var built = request.Settings is { } unsaved ? DirectorySettingsService.Build(kept, unsaved) : kept;
        if (!built.IsSuccess)
        {
            return built.Error;
        }

        if (built.Value.Settings is { Servers: [] } or { Searches: [] })
        {
            return new ConflictError("directory.not_configured", "There is no server or no user search to test.");
        }

        var report = await _probe.RunAsync(built.Value, request.UserName?.Trim(), request.Password, cancellationToken);

        // Whom they looked for may be a password typed into the wrong field: only the entry that was found is kept.
        await _audit.RecordAsync(
            caller, "directory.test", Target, report.Passed ? AuditTrail.Ok : AuditTrail.Failed,
            $"{(request.Settings is null ? "kept" : "unsaved")} settings, servers {string.Join(' ', built.Value.Settings.Servers.Select(server => server.Url))}"
            + (report.UserDn is { } dn ? $", user {dn}" : "") + (report.Steps.FirstOrDefault(step => step.Passed == false) is { } failed ? $", failed: {failed.Name}" : ""),
            CancellationToken.None);
        return report;
    }
}
