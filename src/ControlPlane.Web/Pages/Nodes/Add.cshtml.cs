using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages;

[RequireSignIn("Core decides who may make join tokens.")]
public sealed class AddNodeModel(JoinTokenService tokens, NodeSight nodes, IServerIdentity identity, PublicAddress address, TimeProvider clock) : DashboardPage
{
    public static readonly IReadOnlyList<(int Seconds, string Text)> Expiries = [(900, "15 minutes"), (3600, "1 hour"), (86_400, "1 day"), (604_800, "7 days")];

    public JoinForm Form { get; private set; } = new();

    public IssuedJoinToken? Issued { get; private set; }

    public string Command { get; private set; } = "";

    public string Digest => identity.KeyDigest;

    public bool IsPublicTrust => Digest == JoinToken.PublicTrust;

    public JoinWatch Watch { get; private set; } = new(default, []);

    public async Task<IActionResult> OnPostAsync(JoinForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        Form = form;
        var (labels, labelError) = LabelText.Read(form.Labels);
        if (labelError is not null)
        {
            return Refused(new InvalidError([labelError]));
        }

        var since = clock.GetUtcNow().UtcDateTime;
        var wanted = new NewJoinToken
        {
            Name = form.Name ?? "", Labels = labels, Uses = form.Uses, ExpiresInSeconds = form.ExpiresInSeconds, RequireApproval = form.RequireApproval,
        };
        var issued = await tokens.CreateAsync(Caller, wanted, HttpContext.RequestAborted);
        if (!issued.IsSuccess)
        {
            return Refused(issued.Error);
        }

        Issued = issued.Value;
        Command = JoinCommand.For(issued.Value.Text, address.DirectUrl);
        Watch = new JoinWatch(since, []);
        return Page();
    }

    public IActionResult OnGetWatch(long since)
    {
        var found = nodes.List(Caller);
        return found.IsSuccess && since is > 0 and < 3_155_378_975_999_999_999
            ? Partial("_JoinWatch", JoinWatch.From(new DateTime(since, DateTimeKind.Utc), found.Value))
            : StatusCode(found.IsSuccess ? 400 : ErrorStatus.Of(found.Error));
    }

    private PageResult Refused(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
