using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Engine.Values;

/// <summary>The engine's restart policies.</summary>
public static class RestartPolicyName
{
    /// <summary>Never.</summary>
    public const string No = "no";

    /// <summary>Always, also after the engine's own start.</summary>
    public const string Always = "always";

    /// <summary>Always unless somebody stopped it.</summary>
    public const string UnlessStopped = "unless-stopped";

    /// <summary>When it ended with an error.</summary>
    public const string OnFailure = "on-failure";

    /// <summary>True for a policy, spelled as the engine spells it.</summary>
    /// <param name="name">The text.</param>
    public static bool IsValid(string? name) => name is No or Always or UnlessStopped or OnFailure;

    /// <summary>Reads the short form of the CLI: a name, or <c>on-failure:5</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="policy">The policy.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RestartPolicy? policy)
    {
        policy = null;
        if (IsValid(text))
        {
            policy = new RestartPolicy { Name = text };
        }
        else if (text is not null && text.StartsWith("on-failure:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan("on-failure:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            policy = new RestartPolicy { Name = OnFailure, MaximumRetryCount = count };
        }

        return policy is not null;
    }
}
