using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Lists;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>From what a list endpoint read to what Core lists are asked.</summary>
internal static class ListRequests
{
    public static ListRequest From(ListQuery query) => new()
    {
        Limit = query.Limit,
        Cursor = query.Cursor,
        SortKey = query.Sort is [var first, ..] ? first.Field : null,
        Descending = query.Sort is [{ Descending: true }, ..],
        Text = query.Q,
    };
}
