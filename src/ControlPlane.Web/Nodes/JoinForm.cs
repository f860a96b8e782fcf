namespace ControlPlane.Web.Nodes;

/// <summary>A new join token as the form sends it.</summary>
public sealed class JoinForm
{
    public string? Name { get; set; }

    public string? Labels { get; set; }

    public int Uses { get; set; } = 1;

    public int ExpiresInSeconds { get; set; } = 3600;

    public bool RequireApproval { get; set; }
}
