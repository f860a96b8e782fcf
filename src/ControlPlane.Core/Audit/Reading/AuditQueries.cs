using System.Globalization;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Audit;

/// <summary>From the filters of a list, of an export or of a page to what is looked for.</summary>
public static class AuditQueries
{
    private const int MostValues = 50;

    public static IReadOnlyList<string> Filters { get; } =
        ["actor", "action", "object", "objectKind", "result", "address", "credential", "requestId", "from", "to"];

    public static Result<AuditSearch> Read(ListQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var problems = new List<FieldError>();
        var search = new AuditSearch
        {
            Actors = query.Filter("actor"),
            Actions = query.Filter("action"),
            Objects = query.Filter("object"),
            ObjectKinds = query.Filter("objectKind"),
            Results = query.Filter("result"),
            Addresses = query.Filter("address"),
            Credentials = query.Filter("credential"),
            RequestIds = query.Filter("requestId"),
            From = Time(query, "from", problems),
            To = Time(query, "to", problems),
            Text = query.Q,
        };
        problems.AddRange(Filters.Where(filter => query.Filter(filter).Count > MostValues).Select(filter => new FieldError(filter, $"has more than {MostValues} values")));
        problems.AddRange(search.Results.Where(result => result is not ("ok" or "refused" or "failed")).Take(1)
            .Select(_ => new FieldError("result", "must be ok, refused or failed")));
        return problems.Count == 0 ? search : new InvalidError(problems);
    }

    private static DateTime? Time(ListQuery query, string field, List<FieldError> problems)
    {
        if (query.Filter(field) is not [var text, ..] values)
        {
            return null;
        }

        if (values.Count == 1 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time.UtcDateTime;
        }

        problems.Add(new FieldError(field, "must be one time in ISO 8601, e.g. 2026-01-31T12:00:00Z"));
        return null;
    }
}
