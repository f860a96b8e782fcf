using System.Diagnostics.CodeAnalysis;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>What a request says about where it may go.</summary>
internal static class PlacementRules
{
    private const int MaxExpressions = 100;
    private const int MaxPlatformPart = 32;
    private const string NotText = "must be 1 to 1024 characters without control characters";

    /// <summary>The typed fields; expressions of labels and environment are in <paramref name="swarm"/>.</summary>
    public static void Admit(FieldErrors errors, ContainerCreateRequest request, SwarmExpressions swarm)
    {
        Each(errors, "constraints", request.Constraints, Constraint);
        Each(errors, "affinities", request.Affinities, Affinity);
        if (request.Strategy is { } strategy && Scheduling.Placement.Standard.ProblemWithStrategy(Shown(strategy)) is { } unknown)
        {
            errors.Add("strategy", unknown);
        }

        if (request.ReschedulePolicy is { } text)
        {
            if (!SwarmExpressions.TryReadPolicy(text, out var policy, out var problem))
            {
                errors.Add("reschedulePolicy", problem);
            }
            else
            {
                errors.Require(swarm.Reschedule is null || swarm.Reschedule == policy, "reschedulePolicy", "too many reschedule policies");
            }
        }

        errors.Require(
            request.Platform is null || TryReadPlatform(request.Platform, out _), "platform", "must be 'os/architecture' or 'os/architecture/variant', such as 'linux/arm64'");
    }

    /// <summary>What holds after admission: the typed field, else labels and environment.</summary>
    public static ReschedulePolicy Policy(ContainerCreateRequest request, SwarmExpressions swarm) =>
        request.ReschedulePolicy is { } text && SwarmExpressions.TryReadPolicy(text, out var policy, out _) ? policy : swarm.Reschedule ?? ReschedulePolicy.Off;

    /// <summary>The platform in the names of image indexes; the variant is for the engine alone.</summary>
    public static bool TryReadPlatform(string? text, [NotNullWhen(true)] out Platform? platform)
    {
        platform = null;
        var parts = text?.Split('/') ?? [];
        if (parts.Length is not (2 or 3) || !parts.All(IsPlatformPart))
        {
            return false;
        }

        var architecture = parts[1].ToLowerInvariant() switch { "x86_64" => "amd64", "aarch64" => "arm64", var other => other };
        platform = new Platform(parts[0].ToLowerInvariant(), architecture);
        return true;
    }

    public static void Constraint(FieldErrors errors, string field, string expression)
    {
        if (IsText(errors, field, expression) && Scheduling.Constraint.Parse(expression) is ConstraintParse.Invalid invalid)
        {
            errors.Add(field, invalid.Text);
        }
    }

    public static void Affinity(FieldErrors errors, string field, string expression)
    {
        if (IsText(errors, field, expression) && Scheduling.Affinity.Parse(expression) is AffinityParse.Invalid invalid)
        {
            errors.Add(field, invalid.Text);
        }
    }

    private static void Each(FieldErrors errors, string field, IReadOnlyList<string>? expressions, Action<FieldErrors, string, string> check)
    {
        if (expressions is null || !errors.Require(expressions.Count <= MaxExpressions, field, "must not have more than 100 entries"))
        {
            return;
        }

        for (var i = 0; i < expressions.Count; i++)
        {
            check(errors, $"{field}[{i}]", expressions[i]);
        }
    }

    private static bool IsText(FieldErrors errors, string field, string? expression) => errors.Require(
        !string.IsNullOrWhiteSpace(expression) && expression.Length <= TextRules.MaxKey && TextRules.IsText(expression), field, NotText);

    private static bool IsPlatformPart(string part) =>
        part.Length is > 0 and <= MaxPlatformPart && char.IsAsciiLetterOrDigit(part[0]) && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static string Shown(string text) => text.Length > 64 ? text[..64] + "…" : text;
}
