using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Health checks.</summary>
internal static class HealthcheckRules
{
    private const int MaxRetries = 10_000;

    public static HealthcheckSpec? Admit(FieldErrors errors, HealthcheckRequest? check)
    {
        if (check is null)
        {
            return null;
        }

        Test(errors, check.Test);
        if (check.Disable == true)
        {
            errors.Require(
                check is { Test: null or { Count: 0 } or ["NONE"], IntervalSeconds: null, TimeoutSeconds: null, StartPeriodSeconds: null, Retries: null },
                "healthcheck.disable",
                "must not be combined with other fields");
            return new HealthcheckSpec { Test = ["NONE"] };
        }

        errors.Require(check.Retries is null or (>= 0 and <= MaxRetries), "healthcheck.retries", "must be 0 to 10000");
        return new HealthcheckSpec
        {
            Test = check.Test,
            Interval = Duration(errors, "healthcheck.intervalSeconds", check.IntervalSeconds),
            Timeout = Duration(errors, "healthcheck.timeoutSeconds", check.TimeoutSeconds),
            StartPeriod = Duration(errors, "healthcheck.startPeriodSeconds", check.StartPeriodSeconds),
            Retries = check.Retries,
        };
    }

    private static void Test(FieldErrors errors, IReadOnlyList<string>? test)
    {
        TextRules.Arguments(errors, "healthcheck.test", test);
        if (test is { Count: > 0 })
        {
            errors.Require(
                test switch
                {
                    ["NONE"] => true,
                    ["CMD", _, ..] => true,
                    ["CMD-SHELL", _] => true,
                    _ => false,
                },
                "healthcheck.test",
                "must be [\"CMD\", program, arguments…], [\"CMD-SHELL\", text], [\"NONE\"] or empty");
        }
    }

    private static long? Duration(FieldErrors errors, string field, double? seconds)
    {
        if (seconds is null)
        {
            return null;
        }

        errors.Require(EngineDuration.TryFromSeconds(seconds.Value, out var nanoseconds), field, "must be 0.001 (1 ms) to 31536000 seconds, or 0 for the default");
        return nanoseconds;
    }
}
