using ControlPlane.Ldap.Transport;

namespace ControlPlane.Ldap.Protocol;

/// <summary>Reads the rest of attributes that came in ranges, by base searches on the same connection, between two pages.</summary>
internal sealed class RangeCompletion(Exchange exchange, LdapSearch search)
{
    private readonly bool _isWanted = !search.TypesOnly && !AttributeRange.IsAskedFor(search.Attributes);

    public bool IsNeeded(LdapEntry entry) => _isWanted && entry.Attributes.Any(attribute => AttributeRange.Read(attribute.Description) is not null);

    public async Task<LdapEntry> CompleteAsync(LdapEntry entry, CancellationToken cancellationToken)
    {
        var ranged = entry.Attributes.Select(attribute => AttributeRange.Read(attribute.Description)?.Name)
            .OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var attributes = new List<LdapAttribute>();
        foreach (var attribute in entry.Attributes)
        {
            if (AttributeRange.Read(attribute.Description) is { } range)
            {
                attributes.Add(new LdapAttribute(range.Name, await ReadAsync(entry.Dn, range, attribute.Values, cancellationToken)));
            }
            else if (attribute.Values.Count > 0 || !ranged.Contains(attribute.Description))
            {
                // The empty attribute of the plain name is left out: it comes with the range.
                attributes.Add(attribute);
            }
        }

        return new LdapEntry(entry.Dn, attributes);
    }

    private async Task<List<byte[]>> ReadAsync(string dn, AttributeRange range, IReadOnlyList<byte[]> first, CancellationToken cancellationToken)
    {
        var values = new List<byte[]>(first);
        while (range.Last is { } last)
        {
            if (values.Count != last + 1)
            {
                throw Changed(range.Name);
            }

            if (values.Count > search.MaxValues)
            {
                throw new LdapException(LdapErrorKind.SizeLimitExceeded, $"An attribute {range.Name} has more than {search.MaxValues} values.");
            }

            var attribute = await ReadNextAsync(dn, range.Name, last + 1, cancellationToken);
            range = AttributeRange.Read(attribute.Description)!.Value;
            if (range.First != values.Count || attribute.Values.Count == 0)
            {
                throw Changed(range.Name);
            }

            values.AddRange(attribute.Values);
        }

        return values;
    }

    private async Task<LdapAttribute> ReadNextAsync(string dn, string name, int first, CancellationToken cancellationToken)
    {
        var next = new LdapSearch
        {
            BaseDn = dn,
            Scope = LdapScope.Base,
            Attributes = [AttributeRange.From(name, first)],
            DomainScope = search.DomainScope,
        };
        if (search.Statistics is { } statistics)
        {
            statistics.Ranges++;
        }

        LdapAttribute? found = null;
        var id = exchange.NextId();
        await exchange.SendAsync(RequestWriter.Search(id, next, sizeLimit: 0, pageSize: 0, cookie: []), cancellationToken);
        while (true)
        {
            switch (await exchange.ReceiveAsync(id, cancellationToken))
            {
                case EntryMessage message:
                    found ??= message.Entry.Attributes.FirstOrDefault(attribute =>
                        AttributeRange.Read(attribute.Description) is { } range && range.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
                    break;
                case ReferenceMessage:
                    break;
                case ResultMessage { Operation: OperationTag.SearchDone } done:
                    return done.Code != ResultCodes.Success ? throw done.ToException() : found ?? throw Changed(name);
                default:
                    throw await exchange.UnexpectedAsync();
            }
        }
    }

    // Half of a group's members must not pass for all of them.
    private static LdapException Changed(string name) =>
        new(LdapErrorKind.ServerError, $"The values of an attribute {name} could not be read to their end.");
}
