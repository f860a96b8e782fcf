using System.Text;

namespace ControlPlane.Core.Lists;

/// <summary>
/// A page by key, not by offset: the cursor says "after this item", so inserts and removals before it shift nothing.
/// The smallest <c>limit</c> items after the cursor are selected with a bounded heap; nothing is sorted as a whole.
/// </summary>
public static class Keyset
{
    /// <param name="items">All that match, in any order.</param>
    /// <param name="key">Sort text of an item; compared ordinally.</param>
    /// <param name="id">Unique id: makes the order total.</param>
    /// <param name="request">Limit, cursor, direction.</param>
    /// <returns>Null when the cursor is not one of ours.</returns>
    public static (List<T> Page, string? NextCursor)? Take<T>(
        IEnumerable<T> items, Func<T, string> key, Func<T, string> id, ListRequest request)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(request);
        (string Key, string Id)? after = null;
        if (request.Cursor is { } cursor)
        {
            if (!TryDecode(cursor, out var decoded))
            {
                return null;
            }

            after = decoded;
        }

        var order = Comparer<(string Key, string Id)>.Create((a, b) =>
        {
            var byKey = string.CompareOrdinal(a.Key, b.Key);
            var compared = byKey != 0 ? byKey : string.CompareOrdinal(a.Id, b.Id);
            return request.Descending ? -compared : compared;
        });

        // The worst of the best is on top; one more than asked for tells whether there is a next page.
        var wanted = request.Limit + 1;
        var best = new PriorityQueue<T, (string Key, string Id)>(wanted, Comparer<(string Key, string Id)>.Create((a, b) => order.Compare(b, a)));
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
        if (page.Count <= request.Limit)
        {
            return (page, null);
        }

        page.RemoveAt(page.Count - 1);
        return (page, Encode(key(page[^1]), id(page[^1])));
    }

    /// <summary>Text that sorts like the time.</summary>
    public static string SortText(DateTime time) => time.Ticks.ToString("D19", System.Globalization.CultureInfo.InvariantCulture);

    private static string Encode(string key, string id) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{id.Length}:{id}{key}"));

    private static bool TryDecode(string cursor, out (string Key, string Id) place)
    {
        place = default;
        if (cursor.Length > 1024 || !System.Buffers.Text.Base64Url.IsValid(cursor))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(cursor));
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0
            || !int.TryParse(text.AsSpan(0, colon), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var length)
            || colon + 1 + length > text.Length)
        {
            return false;
        }

        place = (text[(colon + 1 + length)..], text.Substring(colon + 1, length));
        return true;
    }
}
