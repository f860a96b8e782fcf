using System.Globalization;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Access;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

/// <summary>The directory: its settings, a test of them beside, and its synchronisation.</summary>
[RequireSignIn("Core decides who may see and change settings.")]
public sealed class DirectoryModel(DirectorySettingsService settings, DirectorySync sync, DirectoryTest test) : DashboardPage
{
    private const string Address = "/access/directory";

    [BindProperty]
    public DirectoryForm Form { get; set; } = new();

    public IReadOnlyList<string> Warnings { get; private set; } = [];

    public IReadOnlyList<DirectorySyncView> Runs { get; private set; } = [];

    public bool IsRunning => Runs is [{ State: "running" }, ..];

    public DateTimeOffset? NextRun => sync.NextRun;

    public DirectoryTestReport? Report { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        var kept = settings.Get(Caller);
        if (!kept.IsSuccess)
        {
            return Missing(kept.Error);
        }

        Form = DirectoryForm.From(kept.Value);
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var saved = await settings.PutAsync(Caller, Form.ToSettings(), Form.Revision, HttpContext.RequestAborted);
        return saved.IsSuccess ? Told(new Notice("The settings hold from now on."), Address) : await RefusedAsync(saved.Error);
    }

    public async Task<IActionResult> OnPostTestAsync()
    {
        var tested = await test.RunAsync(Caller, Form.ToTest(), HttpContext.RequestAborted);
        if (!tested.IsSuccess)
        {
            Problem = ProblemOf(tested.Error);
            return IsPartial ? Partial("_DirectoryTest", this) : await RefusedAsync(tested.Error);
        }

        Report = tested.Value;
        return IsPartial ? Partial("_DirectoryTest", this) : await ShowAsync();
    }

    public async Task<IActionResult> OnPostSyncAsync(bool force)
    {
        var started = await sync.StartAsync(Caller, force, HttpContext.RequestAborted);
        return started.IsSuccess ? Told(new Notice("The synchronisation has begun."), Address + "#runs") : Told(started.Error, Address);
    }

    /// <summary>What is wrong in a row, in one line.</summary>
    public string? WrongIn(string list, int index)
    {
        var row = string.Create(CultureInfo.InvariantCulture, $"{list}[{index}].");
        var wrong = Problem?.Fields.Where(field => field.Field.StartsWith(row, StringComparison.Ordinal)).Select(field => $"{field.Field[row.Length..]}: {field.Message}").ToList() ?? [];
        return wrong.Count > 0 ? string.Join("; ", wrong) : null;
    }

    private async Task<IActionResult> RefusedAsync(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return await ShowAsync();
    }

    private async Task<IActionResult> ShowAsync()
    {
        var kept = settings.Get(Caller);
        var runs = await sync.ListAsync(Caller, HttpContext.RequestAborted);
        if (!kept.IsSuccess || !runs.IsSuccess)
        {
            return Missing(kept.Error ?? runs.Error!);
        }

        Warnings = kept.Value.Warnings;
        Runs = runs.Value.Items;
        foreach (var row in Form.Servers)
        {
            // Never sent back, not even to whoever typed it.
            row.ReaderPassword = null;
            row.ReaderPasswordSet = kept.Value.Servers.Any(server => server.ReaderPasswordSet && server.Url == row.Url && server.ReaderDn == row.ReaderDn);
        }

        Form.TestPassword = null;
        return Page();
    }
}
