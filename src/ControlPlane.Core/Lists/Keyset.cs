using System.Globalization;
using System.Text;

namespace ControlPlane.Core.Lists;

/// <summary>What a list is sorted by: a number (a time in ticks) or a text, compared ordinally.</summary>
public readonly record struct ListKey(long Number, string Text) : IComparable<ListKey>
{
    public static ListKey Of(DateTime time) => new(time.Ticks, "");

    public static ListKey Of(string text) => new(0, text);

    public static bool operator <(ListKey left, ListKey right) => left.CompareTo(right) < 0;

    public static bool operator >(ListKey left, ListKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(ListKey left, ListKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ListKey left, ListKey right) => left.CompareTo(right) >= 0;

    public int CompareTo(ListKey other)
    {
        var byNumber = Number.CompareTo(other.Number);
        return byNumber != 0 ? byNumber : string.CompareOrdinal(Text, other.Text);
    }
}

/// <summary>
/// A page by key, not by offset: the cursor says "after this item", so inserts and removals before it shift nothing.
/// The smallest <c>limit</c> items after the cursor are selected with a bounded heap; nothing is sorted as a whole.
/// </summary>
public static class Keyset
{
    private const int MaxCursor = 1024;

    /// <param name="items">All that match, in any order.</param>
    /// <param name="key">What an item is sorted by.</param>
    /// <param name="id">Unique id: makes the order total.</param>
    /// <param name="request">Limit, cursor, direction.</param>
    /// <returns>Null when the cursor is not one of ours.</returns>
    public static (List<T> Page, string? NextCursor)? Take<T>(
        IEnumerable<T> items, Func<T, ListKey> key, Func<T, string> id, ListRequest request)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(request);
        if (!TryReadCursor(request.Cursor, out var after))
        {
            return null;
        }

        var sign = request.Descending ? -1 : 1;
        var order = Comparer<(ListKey Key, string Id)>.Create((a, b) => sign * Compare(a, b));

        // The worst of the best is on top; one more than asked for tells whether there is a next page.
        var wanted = request.Limit + 1;
        var best = new PriorityQueue<T, (ListKey Key, string Id)>(wanted, Comparer<(ListKey Key, string Id)>.Create((a, b) => order.Compare(b, a)));
        foreach (var item in items)
        {
            var place = (key(item), id(item));
            if (after is { } start && order.Compare(place, start) <= 0)
            {
                continue;
            }

            if (best.Count < wanted)
            {
                best.Enqueue(item, place);
            }
            else
            {
                best.EnqueueDequeue(item, place);
            }
        }

        var page = new List<T>(best.Count);
        while (best.TryDequeue(out var item, out _))
        {
            page.Add(item);
        }

        page.Reverse();
        return Cut(page, key, id, request.Limit);
    }

    /// <summary>Cuts what has one more than the limit to a page with a cursor.</summary>
    public static (List<T> Page, string? NextCursor) Cut<T>(List<T> page, Func<T, ListKey> key, Func<T, string> id, int limit)
    {
        ArgumentNullException.ThrowIfNull(page);
        if (page.Count <= limit)
        {
            return (page, null);
        }

        page.RemoveRange(limit, page.Count - limit);
        return (page, Encode(key(page[^1]), id(page[^1])));
    }

    /// <summary>False when the text is not a cursor of ours; no text is no position.</summary>
    public static bool TryReadCursor(string? cursor, out (ListKey Key, string Id)? position)
    {
        position = null;
        if (cursor is null)
        {
            return true;
        }

        if (cursor.Length > MaxCursor || !System.Buffers.Text.Base64Url.IsValid(cursor))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(cursor)).Split('\n');
        if (parts is not [var number, var id, var text] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
        {
            return false;
        }

        position = (new ListKey(ticks, text), id);
        return true;
    }

    private static int Compare((ListKey Key, string Id) a, (ListKey Key, string Id) b)
    {
        var byKey = a.Key.CompareTo(b.Key);
        return byKey != 0 ? byKey : string.CompareOrdinal(a.Id, b.Id);
    }

    private static string Encode(ListKey key, string id) => System.Buffers.Text.Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key.Number}\n{id}\n{key.Text}")));
}
