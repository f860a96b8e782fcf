using ControlPlane.Core.Results;

namespace ControlPlane.Core.Access;

/// <summary>
/// The one place that decides who may do what: the union of the caller's grants, limited by the scope of the token they came by.
/// Administrators may everything.
/// </summary>
public sealed class Authorizer(AccessStore store)
{
    /// <summary>Null when allowed.</summary>
    public Error? Check(Caller caller, string permission, string collection)
    {
        if (Impediment(caller) is { } error)
        {
            return error;
        }

        return On(caller, collection).Has(permission) ? null : new ForbiddenError("access.denied", $"You need the right {permission} on {collection}.");
    }

    /// <summary>Null when there is some collection on which the caller may: lists then show what is theirs.</summary>
    public Error? CheckAnywhere(Caller caller, string permission)
    {
        if (Impediment(caller) is { } error)
        {
            return error;
        }

        return Anywhere(caller).Has(permission) ? null : new ForbiddenError("access.denied", $"You need the right {permission}.");
    }

    /// <summary>Null when the caller may manage what is their own: accounts, yes; tokens that are limited to some rights, no.</summary>
    public static Error? CheckOwn(Caller caller)
    {
        if (Impediment(caller) is { } error)
        {
            return error;
        }

        return caller.Scope is null && caller.Kind != CallerKind.Node
            ? null
            : new ForbiddenError("access.token_limited", "A token that is limited to some rights cannot manage its owner's account.");
    }

    /// <summary>Null for whoever has signed in completely, whatever they may.</summary>
    public static Error? CheckComplete(Caller caller) => Impediment(caller);

    /// <summary>The version of what access is decided by: changes whenever grants do.</summary>
    public long Version => store.Current.Version;

    /// <summary>May the caller know that things of this collection exist? What they may not see answers as if it did not exist.</summary>
    public bool MaySee(Caller caller, string permission, string collection) => Check(caller, permission, collection) is null;

    /// <summary>
    /// Null when the caller has all of these rights there: nobody gives what they do not have.
    /// </summary>
    public Error? CheckCovers(Caller caller, PermissionSet rights, string collection)
    {
        if (Impediment(caller) is { } error)
        {
            return error;
        }

        var missing = rights - On(caller, collection);
        return missing.IsEmpty
            ? null
            : new ForbiddenError("access.escalation", $"You would give rights that you do not have on {collection}: {Some(missing)}.");
    }

    /// <summary>Null when the caller has, everywhere, at least the rights of this user: whoever may change an account can become it.</summary>
    public Error? CheckCoversUser(Caller caller, string userId, bool isAdministrator)
    {
        if (Impediment(caller) is { } error)
        {
            return error;
        }

        if (isAdministrator)
        {
            return IsUnlimited(caller) ? null : new ForbiddenError("access.escalation", "Only administrators may change the accounts of administrators.");
        }

        foreach (var (collection, rights) in store.Current.RightsOf(userId).Granted)
        {
            if (CheckCovers(caller, rights, collection) is { } missing)
            {
                return missing;
            }
        }

        return null;
    }

    /// <summary>The rights the caller has there.</summary>
    public PermissionSet On(Caller caller, string collection)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var rights = caller.IsAdministrator ? PermissionSet.All
            : caller.Kind is CallerKind.Anonymous or CallerKind.Node ? PermissionSet.None
            : store.Current.RightsOf(caller.Id).On(collection);
        return caller.Scope is not { } scope ? rights
            : scope.Collection is null || CollectionPath.IsSelfOrUnder(collection, scope.Collection) ? rights & scope.Permissions
            : PermissionSet.None;
    }

    /// <summary>
    /// The collections on which the caller has this right, without those below another of them; null = on all.
    /// </summary>
    public IReadOnlyList<string>? Where(Caller caller, string permission)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (On(caller, Collections.Root).Has(permission))
        {
            return null;
        }

        if (Impediment(caller) is not null)
        {
            return [];
        }

        var paths = caller.IsAdministrator ? [Collections.Root] : store.Current.RightsOf(caller.Id).Granted.Keys;
        if (caller.Scope?.Collection is { } only)
        {
            paths = paths.Select(path => CollectionPath.IsSelfOrUnder(only, path) ? only : path);
        }

        var may = paths.Distinct(StringComparer.Ordinal).Where(path => On(caller, path).Has(permission)).ToList();
        return [.. may.Where(path => !may.Exists(other => other != path && CollectionPath.IsSelfOrUnder(path, other))).Order(StringComparer.Ordinal)];
    }

    /// <summary>The same with every collection named, those below included, for queries; null = all.</summary>
    public IReadOnlyList<string>? AllWhere(Caller caller, string permission) =>
        Where(caller, permission) is { } where
            ? [.. store.Current.Collections.Keys.Where(path => where.Any(top => CollectionPath.IsSelfOrUnder(path, top)))]
            : null;

    private PermissionSet Anywhere(Caller caller)
    {
        var rights = caller.IsAdministrator ? PermissionSet.All : store.Current.RightsOf(caller.Id).Anywhere;
        return caller.Scope is not { } scope ? rights
            : scope.Collection is null ? rights & scope.Permissions
            : rights & scope.Permissions & Within(caller, scope.Collection);
    }

    /// <summary>What there is inside the collection a token is limited to.</summary>
    private PermissionSet Within(Caller caller, string collection)
    {
        if (caller.IsAdministrator)
        {
            return PermissionSet.All;
        }

        var granted = store.Current.RightsOf(caller.Id);
        return granted.Granted.Where(pair => CollectionPath.IsSelfOrUnder(pair.Key, collection))
            .Aggregate(granted.On(collection), (rights, pair) => rights | pair.Value);
    }

    private bool IsUnlimited(Caller caller) => On(caller, Collections.Root) == PermissionSet.All;

    private static Error? Impediment(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller switch
        {
            { Kind: CallerKind.Anonymous } => new UnauthenticatedError("auth.required", "Sign in or send an API token."),
            { Pending: "password_change" } => new ForbiddenError("auth.password_change_required", "Set a new password first."),
            { Pending: "second_factor" } => new ForbiddenError("auth.second_factor_required", "Confirm the second factor first."),
            { Pending: not null } => new ForbiddenError("auth.incomplete", "Finish signing in first."),
            _ => null,
        };
    }

    private static string Some(PermissionSet missing)
    {
        var names = missing.Names();
        return names.Count <= 5 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more";
    }
}
