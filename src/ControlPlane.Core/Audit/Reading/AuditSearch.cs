using System.Linq.Expressions;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit;

/// <summary>What to look for. Values of one list are alternatives, different lists must all match; empty lists mean all.</summary>
public sealed record AuditSearch
{
    /// <summary>Id or name.</summary>
    public IReadOnlyList<string> Actors { get; init; } = [];

    /// <summary>Whole actions, or with <c>*</c> at the end: <c>containers.*</c>.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>Id or name.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    public IReadOnlyList<string> ObjectKinds { get; init; } = [];

    public IReadOnlyList<string> Results { get; init; } = [];

    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Ids of sessions or tokens.</summary>
    public IReadOnlyList<string> Credentials { get; init; } = [];

    public IReadOnlyList<string> RequestIds { get; init; } = [];

    public DateTime? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTime? To { get; init; }

    /// <summary>Somewhere in names, ids, action or detail; upper and lower case are the same.</summary>
    public string? Text { get; init; }

    /// <summary>No filter at all.</summary>
    public bool IsEmpty =>
        Text is null && From is null && To is null
        && Actors.Count + Actions.Count + Objects.Count + ObjectKinds.Count + Results.Count + Addresses.Count + Credentials.Count + RequestIds.Count == 0;

    internal IQueryable<AuditEntity> Apply(IQueryable<AuditEntity> rows)
    {
        rows = Actors.Count == 0 ? rows : rows.Where(a => Actors.Contains(a.ActorName) || Actors.Contains(a.ActorId));
        rows = Objects.Count == 0 ? rows : rows.Where(a => Objects.Contains(a.ObjectId) || Objects.Contains(a.ObjectName!));
        rows = ObjectKinds.Count == 0 ? rows : rows.Where(a => ObjectKinds.Contains(a.ObjectKind));
        rows = Results.Count == 0 ? rows : rows.Where(a => Results.Contains(a.Result));
        rows = Addresses.Count == 0 ? rows : rows.Where(a => Addresses.Contains(a.RemoteAddress!));
        rows = Credentials.Count == 0 ? rows : rows.Where(a => Credentials.Contains(a.CredentialId!));
        rows = RequestIds.Count == 0 ? rows : rows.Where(a => RequestIds.Contains(a.RequestId));
        rows = Actions.Count == 0 ? rows : rows.Where(IsAction());
        rows = From is { } from ? rows.Where(a => a.At >= from) : rows;
        rows = To is { } to ? rows.Where(a => a.At < to) : rows;
        if (Text is not { Length: > 0 } text)
        {
            return rows;
        }

        // Translated by the database, which has one rule for case: there is no culture.
#pragma warning disable CA1304, CA1311, CA1862, MA0011
        var lower = text.ToLowerInvariant();
        return rows.Where(a =>
            a.ActorName.ToLower().Contains(lower) || a.Action.ToLower().Contains(lower) || a.ObjectId.ToLower().Contains(lower)
            || a.ObjectName!.ToLower().Contains(lower) || a.Detail!.ToLower().Contains(lower) || a.RequestId.ToLower().Contains(lower));
#pragma warning restore CA1304, CA1311, CA1862, MA0011
    }

    private Expression<Func<AuditEntity, bool>> IsAction()
    {
        var whole = Actions.Where(action => !action.EndsWith('*')).ToList();
        Expression<Func<AuditEntity, bool>> matches = a => whole.Contains(a.Action);
        var body = matches.Body;
        foreach (var prefix in Actions.Where(action => action.EndsWith('*')).Select(action => action[..^1]))
        {
            Expression<Func<AuditEntity, bool>> starts = a => a.Action.StartsWith(prefix);
            body = Expression.OrElse(body, new Renamed(starts.Parameters[0], matches.Parameters[0]).Visit(starts.Body));
        }

        return Expression.Lambda<Func<AuditEntity, bool>>(body, matches.Parameters);
    }

    private sealed class Renamed(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
