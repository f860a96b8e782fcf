using System.Diagnostics;
using ControlPlane.Core.Identity;

namespace ControlPlane.Api.Hosting;

/// <summary>Every answer carries the W3C trace id of its request.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    public static void UseRequestIds(this WebApplication app) => app.Use((context, next) =>
    {
        // The framework makes the activity only when somebody listens.
        if (Activity.Current is null)
        {
            var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
            context.Response.RegisterForDispose(activity);
        }

        // At the last moment: the exception handler clears what was set before.
        var id = context.GetRequestId();
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = id;
            return Task.CompletedTask;
        });
        return next(context);
    });
}
