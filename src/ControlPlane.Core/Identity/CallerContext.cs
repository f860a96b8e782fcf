using System.Diagnostics;
using ControlPlane.Core.Access;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Core.Identity;

/// <summary>Who makes this request, for every surface.</summary>
public static class CallerContext
{
    private static readonly object Key = new();

    public static Caller GetCaller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items[Key] as Caller ?? Caller.Anonymous(context.GetRequestId(), context.GetRemoteAddress());
    }

    public static void SetCaller(this HttpContext context, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Items[Key] = caller with { RequestId = context.GetRequestId(), RemoteAddress = context.GetRemoteAddress() };
    }

    /// <summary>The W3C trace id of the request; also in <c>X-Request-Id</c>, problems, logs and audit.</summary>
    public static string GetRequestId(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : context.TraceIdentifier;
    }

    public static string? GetRemoteAddress(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var address = context.Connection.RemoteIpAddress;
        return (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
    }
}
