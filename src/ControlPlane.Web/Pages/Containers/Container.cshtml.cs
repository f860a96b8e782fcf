using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Web.Containers;
using ControlPlane.Web.Logs;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using ControlPlane.Web.Stats;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

/// <summary>One container. The page itself comes from the snapshot; what only the engine knows is fetched by fragments.</summary>
[RequireSignIn("What is shown is decided in Core, per container.")]
public sealed class ContainerModel(ContainerQueries containers, ContainerActions actions, ContainerStreams streams, PlacementQueries placements, TimeProvider clock) : DashboardPage
{
    public static readonly IReadOnlyList<(string Key, string Title)> Tabs =
    [
        ("overview", "Overview"), ("logs", "Logs"), ("stats", "Stats"), ("processes", "Processes"), ("placement", "Placement"), ("inspect", "Inspect"),
    ];

    private ContainerView? _container;

    public ContainerView Container => _container ?? throw new InvalidOperationException("The page is rendered only when there is a container.");

    public string Tab { get; private set; } = "overview";

    public PlacementView? Placement { get; private set; }

    public async Task<IActionResult> OnGetAsync(string id, string? tab)
    {
        if (tab is not null && Tabs.All(known => !string.Equals(known.Key, tab, StringComparison.Ordinal)))
        {
            return NotFound();
        }

        if (Load(id) is { } missing)
        {
            return missing;
        }

        Tab = tab ?? Tab;
        if (Tab == "placement" && Container.Managed)
        {
            await ExplainAsync(now: false);
        }

        return Page();
    }

    /// <summary>Every node with every reason, on the cluster as it is now.</summary>
    public async Task<IActionResult> OnGetExplainAsync(string id)
    {
        if (Load(id) is { } missing)
        {
            return missing;
        }

        await ExplainAsync(now: true);
        if (Placement is null)
        {
            return Partial("_Problem", Problem!);
        }

        Tab = "placement";
        return IsPartial ? Partial("_Placement", Placement) : Page();
    }

    public IActionResult OnGetHeader(string id) => Load(id) ?? Partial("_Header", this);

    public async Task<IActionResult> OnPostActionAsync(string id, ActionForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        var back = $"/containers/{Uri.EscapeDataString(id)}";
        if (form.ToAction() is not { } action)
        {
            return Told(new Notice("This action does not exist.", IsError: true), back);
        }

        var done = await actions.RunAsync(Caller, id, action, expectedRevision: null, HttpContext.RequestAborted);
        return done.IsSuccess
            ? Told(new Notice($"{ActionForm.Word(action)}: done."), action is ContainerAction.Remove ? "/containers" : back)
            : Told(done.Error, back);
    }

    public async Task<IActionResult> OnGetLogLinesAsync(string id, LogQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var reply = await streams.LogsAsync(Caller, id, query.ToRequest(clock.GetUtcNow()), HttpContext.RequestAborted);
        return Stream(reply, open => new LogLinesResult(open, marks: true));
    }

    public async Task<IActionResult> OnGetLogFileAsync(string id)
    {
        var everything = new LogQuery().ToRequest(clock.GetUtcNow()) with { Tail = null };
        var reply = await streams.LogsAsync(Caller, id, everything, HttpContext.RequestAborted);
        return Stream(reply, open => new LogLinesResult(open, marks: false, $"{id}.log"));
    }

    public async Task<IActionResult> OnGetStatsAsync(string id)
    {
        var reply = await streams.StatsAsync(Caller, id, stream: true, HttpContext.RequestAborted);
        return Stream(reply, open => new StatsResult(open));
    }

    public async Task<IActionResult> OnGetInspectAsync(string id, bool reveal)
    {
        var reply = await streams.InspectAsync(Caller, id, HttpContext.RequestAborted);
        return await FragmentAsync(reply, async body => Partial("_Inspect", InspectText.From(id, await JsonNode.ParseAsync(body, cancellationToken: HttpContext.RequestAborted), reveal)));
    }

    public async Task<IActionResult> OnGetProcessesAsync(string id)
    {
        var reply = await streams.TopAsync(Caller, id, null, HttpContext.RequestAborted);
        return await FragmentAsync(reply, async body =>
        {
            using var answer = await JsonDocument.ParseAsync(body, cancellationToken: HttpContext.RequestAborted);
            return Partial("_Processes", ProcessTable.From(answer.RootElement));
        });
    }

    private IActionResult? Load(string id)
    {
        var found = containers.Get(Caller, id);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        _container = found.Value;
        return null;
    }

    /// <summary>A stream that could not be opened says why in one line of text: the viewer shows it.</summary>
    private static IActionResult Stream(Result<TunnelReply> reply, Func<TunnelReply, IActionResult> open) =>
        reply.IsSuccess
            ? open(reply.Value)
            : new ContentResult { Content = reply.Error.Message, ContentType = "text/plain; charset=utf-8", StatusCode = ErrorStatus.Of(reply.Error) };

    private async Task ExplainAsync(bool now)
    {
        var placement = await placements.GetAsync(Caller, Container.Id, new PlacementQuestion(now, PlacementQuestion.MaxLimit), HttpContext.RequestAborted);
        Placement = placement.IsSuccess ? placement.Value : null;
        Problem = placement.IsSuccess ? null : ProblemOf(placement.Error);
    }

    private async Task<IActionResult> FragmentAsync(Result<TunnelReply> reply, Func<Stream, Task<IActionResult>> show)
    {
        if (!reply.IsSuccess)
        {
            return Partial("_Problem", ProblemOf(reply.Error));
        }

        await using (reply.Value)
        {
            return await show(reply.Value.Body);
        }
    }
}
