using ControlPlane.Core.Results;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>What HTTP itself says about a request, with its own status.</summary>
internal sealed record RequestError(int Status, string Code, string Message, int? RetryAfterSeconds = null) : Error(Code, Message);
