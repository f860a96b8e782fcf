using System.Text.Json;

namespace ControlPlane.Core.Audit;

/// <summary>An audit entry as people read it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When, UTC.</param>
/// <param name="ActorKind">How the actor came: Session, Token, Certificate, Node, System or Anonymous.</param>
/// <param name="ActorId">Id of the account or node.</param>
/// <param name="ActorName">Its name then.</param>
/// <param name="CredentialId">The session or token.</param>
/// <param name="RemoteAddress">From where.</param>
/// <param name="Action">What, e.g. <c>containers.create</c>.</param>
/// <param name="ObjectKind">On what kind of thing.</param>
/// <param name="ObjectId">On which.</param>
/// <param name="ObjectName">Its name then.</param>
/// <param name="Result">ok, refused or failed.</param>
/// <param name="Detail">A sentence.</param>
/// <param name="RequestId">The request, as in the log and in the answer.</param>
/// <param name="Count">How many alike it stands for.</param>
/// <param name="Parameters">What was asked for, secrets masked.</param>
/// <param name="Before">The object before the change, secrets masked.</param>
/// <param name="After">The object after it.</param>
/// <param name="Seal">Its seal in the chain; null for about a second.</param>
/// <param name="SealIndex">Its place in the seal.</param>
public sealed record AuditView(
    Guid Id, DateTime At, string ActorKind, string ActorId, string ActorName, string? CredentialId, string? RemoteAddress,
    string Action, string ObjectKind, string ObjectId, string? ObjectName, string Result, string? Detail, string RequestId, int Count,
    JsonElement? Parameters, JsonElement? Before, JsonElement? After, long? Seal, int SealIndex);
