using ControlPlane.Core.Data;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Identity.External;

/// <summary>What becomes of one person: an account or an error, and what the audit trail says about it.</summary>
internal sealed class ProvisioningOutcome
{
    public UserEntity? User { get; set; }

    /// <summary>What the person is told.</summary>
    public Error? Error { get; private set; }

    /// <summary>What administrators are told.</summary>
    public string? Refusal { get; private set; }

    public bool RightsChanged { get; private set; }

    public List<(string Action, string Detail)> Changes { get; } = [];

    public ProvisioningOutcome Refuse(Error error, string refusal)
    {
        Error = error;
        Refusal = refusal;
        return this;
    }

    public void Changed(string action, string detail, bool rights)
    {
        Changes.Add((action, detail));
        RightsChanged |= rights;
    }
}
