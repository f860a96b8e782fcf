using System.Globalization;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Audit.Export;
using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Hosting;

/// <summary><c>audit verify</c> and <c>audit export</c>: on the server's machine, beside a server that runs or without one.</summary>
internal static class AuditCommands
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int Usage = 2;

    public const string UsageText = """
               ControlPlane.Api audit verify [--expect HASH] --data DIR [--database SQLITE|"Host=…"]
               ControlPlane.Api audit export [--format jsonl|csv] [--out FILE] --data DIR [--database SQLITE|"Host=…"]
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        if (args is not [("verify" or "export") and var verb, .. var rest])
        {
            await Console.Error.WriteLineAsync($"usage:\n{UsageText}");
            return Usage;
        }

        // Its own output only: a log in between would not be a table.
        await using var app = ServerApplication.Build(rest, builder => builder.Logging.ClearProviders());
        await OpenAsync(app.Services, cancellationToken);
        return verb == "verify" ? await VerifyAsync(app, output, cancellationToken) : await ExportAsync(app, output, cancellationToken);
    }

    private static async Task<int> VerifyAsync(WebApplication app, TextWriter output, CancellationToken cancellationToken)
    {
        var expected = app.Configuration["expect"];
        if (expected is not null && (expected.Length != 64 || !expected.All(char.IsAsciiHexDigit)))
        {
            await Console.Error.WriteLineAsync("--expect must be the hash of a seal: 64 hex digits.");
            return Usage;
        }

        var found = await app.Services.GetRequiredService<AuditVerifier>().VerifyAsync(expected, cancellationToken);
        await output.WriteLineAsync(found.Intact
            ? Line($"intact: {found.Entries} entries in {found.Seals} seals, {found.ExpiredSeals} of them expired; {found.Unsealed} entries wait for a seal")
            : Line($"broken at seal {found.BrokenSeal}: {found.Problem}"));
        await output.WriteLineAsync(Line($"{(found.Intact ? "head" : "good up to")}: {found.HeadNumber} {found.HeadHash}"));
        if (found.ExpectedSeal is { } seal)
        {
            await output.WriteLineAsync(Line($"expected: seal {seal}"));
        }

        return found.Intact ? Ok : Failed;
    }

    private static async Task<int> ExportAsync(WebApplication app, TextWriter output, CancellationToken cancellationToken)
    {
        var begun = await app.Services.GetRequiredService<AuditExports>()
            .BeginAsync(Caller.System("command-line"), new AuditSearch(), app.Configuration["format"] ?? "jsonl", cancellationToken);
        if (!begun.IsSuccess)
        {
            await Console.Error.WriteLineAsync(begun.Error.Message);
            return Usage;
        }

        if (app.Configuration["out"] is not { Length: > 0 } path)
        {
            await using var standard = Console.OpenStandardOutput();
            await begun.Value.WriteAsync(standard, cancellationToken);
            return Ok;
        }

        // The owner's only, like the database it comes from. Never over another file.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        var written = await begun.Value.WriteAsync(file, cancellationToken);
        await output.WriteLineAsync(Line($"{written} entries in {path}"));
        return Ok;
    }

    /// <summary>Looks, and changes nothing: no migration beside a server that runs.</summary>
    private static async Task OpenAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var place = services.GetRequiredService<DatabasePlace>();
        if (place.IsSqlite && !File.Exists(place.File))
        {
            throw new ServerStartException($"There is no database in {Path.GetDirectoryName(place.File)}.");
        }

        await place.CheckAsync(cancellationToken);
        await using var db = await services.GetRequiredService<IDbContextFactory<ControlPlaneDb>>().CreateDbContextAsync(cancellationToken);
        if (await SchemaHistory.IsBehindAsync(db, cancellationToken))
        {
            throw new ServerStartException("The database is of an older version: start this version's server on it once.");
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
