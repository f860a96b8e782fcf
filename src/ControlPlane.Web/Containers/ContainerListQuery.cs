using ControlPlane.Core.Containers;
using ControlPlane.Core.Lists;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace ControlPlane.Web.Containers;

/// <summary>What the address says about the list: filter, sort, page. The selection is not part of it.</summary>
public sealed record ContainerListQuery
{
    public static readonly IReadOnlyList<int> Sizes = [50, 100, 200];
    private const string DefaultSort = "-created";

    public string Text { get; init; } = "";
    public IReadOnlyList<string> States { get; init; } = [];
    public IReadOnlyList<string> Nodes { get; init; } = [];
    public IReadOnlyList<string> Images { get; init; } = [];
    public IReadOnlyList<string> Health { get; init; } = [];
    public IReadOnlyList<string> Labels { get; init; } = [];
    public string Sort { get; init; } = DefaultSort;
    public int Size { get; init; } = Sizes[0];
    public string? Cursor { get; init; }

    public bool IsFiltered => Text.Length > 0 || States.Count + Nodes.Count + Images.Count + Health.Count + Labels.Count > 0;

    public static ContainerListQuery From(IQueryCollection query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sort = query["sort"].ToString();
        return new ContainerListQuery
        {
            Text = query["q"].ToString().Trim(),
            States = Values(query, "state"),
            Nodes = Values(query, "node"),
            Images = Values(query, "image"),
            Health = Values(query, "health"),
            Labels = Values(query, "label"),
            Sort = ContainerFilter.SortKeys.Contains(sort.TrimStart('-')) ? sort : DefaultSort,
            Size = int.TryParse(query["limit"], out var size) && Sizes.Contains(size) ? size : Sizes[0],
            Cursor = query["cursor"] is [{ Length: > 0 } cursor] ? cursor : null,
        };
    }

    /// <summary>The search field also takes <c>node:a state:running label:key=value in:/prod</c>.</summary>
    public ContainerFilter ToFilter()
    {
        var words = new List<string>();
        var states = new List<string>(States);
        var nodes = new List<string>(Nodes);
        var labels = new List<string>(Labels);
        var collections = new List<string>();
        foreach (var word in Text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (list, skip) = word switch
            {
                _ when word.StartsWith("state:", StringComparison.Ordinal) => (states, 6),
                _ when word.StartsWith("node:", StringComparison.Ordinal) => (nodes, 5),
                _ when word.StartsWith("in:", StringComparison.Ordinal) => (collections, 3),
                _ when word.StartsWith("label:", StringComparison.Ordinal) => (labels, 6),
                _ => (words, 0),
            };
            list.Add(word[skip..]);
        }

        return new ContainerFilter
        {
            List = new ListRequest { Limit = Size, Cursor = Cursor, SortKey = Sort.TrimStart('-'), Descending = Sort.StartsWith('-'), Text = string.Join(' ', words) },
            States = states,
            Nodes = nodes,
            Images = Images,
            Health = Health,
            Labels = labels,
            Collections = collections,
        };
    }

    /// <summary>The address of the same list, sorted by this column; a second time the other way round.</summary>
    public string SortedBy(string key) =>
        Address(this with { Cursor = null, Sort = string.Equals(Sort, key, StringComparison.Ordinal) ? "-" + key : key });

    public string After(string cursor) => Address(this with { Cursor = cursor });

    public string FirstPage() => Address(this with { Cursor = null });

    public string Sized(int size) => Address(this with { Cursor = null, Size = size });

    private static string Address(ContainerListQuery list)
    {
        var query = new QueryBuilder();
        if (list.Text.Length > 0)
        {
            query.Add("q", list.Text);
        }

        query.Add("state", list.States);
        query.Add("node", list.Nodes);
        query.Add("image", list.Images);
        query.Add("health", list.Health);
        query.Add("label", list.Labels);
        if (!string.Equals(list.Sort, DefaultSort, StringComparison.Ordinal))
        {
            query.Add("sort", list.Sort);
        }

        if (list.Size != Sizes[0])
        {
            query.Add("limit", list.Size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (list.Cursor is { } cursor)
        {
            query.Add("cursor", cursor);
        }

        return "/containers" + query.ToQueryString();
    }

    private static IReadOnlyList<string> Values(IQueryCollection query, string name) =>
        [.. query[name].OfType<string>().Where(value => value.Length > 0).Distinct(StringComparer.Ordinal)];
}
