using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>Waits for a condition, never without an end.</summary>
internal static class Wait
{
    public static Task UntilAsync(string what, double seconds, Func<Task<bool>> condition) =>
        Deadline.UntilAsync(what, TimeSpan.FromSeconds(seconds), _ => condition(), TestContext.Current.CancellationToken);
}
