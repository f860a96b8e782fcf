using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Moving;

namespace ControlPlane.Core.Tests.Containers.Moving;

public sealed class CreateRefusalTests
{
    [Theory]
    [InlineData("Failed", "engine.refused", 500, "no space left on device", "Node")]
    [InlineData("Failed", "engine.refused", 503, "driver failed", "Node")]
    [InlineData("Failed", "engine.refused", 409, "The container name \"/web\" is already in use", "Node")]
    [InlineData("Failed", "engine.refused", 400, "invalid mount config", "Request")]
    [InlineData("Failed", "engine.refused", 404, "network x not found", "Request")]
    [InlineData("Failed", "engine.refused", 400, "write /var/lib/docker: no space left on device", "Node")]
    [InlineData("Failed", "image.pull_failed", 500, "dial tcp: i/o timeout", "Image")]
    [InlineData("Failed", "image.not_found", 404, "No such image", "Image")]
    [InlineData("Failed", "node.not_connected", 0, "", "Node")]
    [InlineData("Failed", "engine.unreachable", 0, "", "Node")]
    [InlineData("Failed", "command.deadline", 0, "", "Node")]
    [InlineData("Failed", "something.new", 0, "", "Request")]
    [InlineData("Refused", "policy.refused", 0, "privileged", "Node")]
    [InlineData("Cancelled", "command.cancelled", 0, "", "Request")]
    [InlineData("Unclear", "command.deadline", 0, "", "Unclear")]
    [InlineData("Unclear", "session.lost", 0, "", "Unclear")]
    public void Every_end_of_a_create_says_whether_another_node_may_be_tried(string outcome, string code, int status, string message, string kind) =>
        CreateRefusals.Of(Result(outcome, code, status, message), first: true).ToString().ShouldBe(kind);

    [Theory]
    [InlineData("node.not_connected")]
    [InlineData("engine.unreachable")]
    [InlineData("command.deadline")]
    public void A_repeated_create_that_nobody_looked_at_is_unclear(string code) =>
        CreateRefusals.Of(Result("Failed", code, 0, ""), first: false).ShouldBe(RefusalKind.Unclear);

    [Fact]
    public void What_may_have_changed_something_is_unclear() =>
        CreateRefusals.Of(Result("Failed", "engine.refused", 500, "no space left on device") with { NothingChanged = false }, first: true).ShouldBe(RefusalKind.Unclear);

    [Theory]
    [InlineData("driver failed programming external connectivity: Bind for 0.0.0.0:8080 failed: port is already allocated", "Node")]
    [InlineData("listen tcp4 0.0.0.0:8080: bind: address already in use", "Node")]
    [InlineData("OCI runtime create failed: exec: \"nope\": executable file not found in $PATH", "Request")]
    public void A_container_that_was_made_and_did_not_start_goes_elsewhere_only_for_want_of_something_the_host_has(string message, string kind)
    {
        var made = Result("Failed", "engine.refused", 500, message) with { NothingChanged = false, Container = Report(null) };

        CreateRefusals.Of(made, first: true).ToString().ShouldBe(kind);
        CreateRefusals.Of(made with { Container = Report(DateTime.UnixEpoch) }, first: true).ShouldBe(RefusalKind.Request);
    }

    [Theory]
    [InlineData("Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host", true)]
    [InlineData("net/http: TLS handshake timeout", true)]
    [InlineData("received unexpected HTTP status: 503 Service Unavailable", true)]
    [InlineData("manifest for busybox:nope not found: manifest unknown", false)]
    [InlineData("pull access denied for secret, repository does not exist or may require 'docker login'", false)]
    [InlineData("unauthorized: authentication required", false)]
    public void Silence_of_a_registry_is_told_from_its_no(string message, bool silent) =>
        CreateRefusals.IsSilence(Result("Failed", "image.pull_failed", 500, message)).ShouldBe(silent);

    private static CommandResult Result(string outcome, string code, int status, string message) => new()
    {
        CommandId = "c", Outcome = Enum.Parse<CommandOutcome>(outcome), Code = code, EngineStatus = status, Message = message, NothingChanged = true,
    };

    private static ContainerReport Report(DateTime? startedAt) => new()
    {
        EngineId = new string('e', 64),
        Name = "web",
        Image = "busybox",
        ImageId = "sha256:1",
        Command = "sh",
        CreatedAt = DateTime.UnixEpoch,
        State = "created",
        StartedAt = startedAt,
    };
}
