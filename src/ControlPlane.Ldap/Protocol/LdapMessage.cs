namespace ControlPlane.Ldap.Protocol;

/// <summary>A message from the server (RFC 4511, section 4.1.1), as far as this client asks for it.</summary>
/// <param name="Id">0 for what the server says unasked.</param>
internal abstract record LdapMessage(int Id);

/// <summary>An entry of a search.</summary>
internal sealed record EntryMessage(int Id, LdapEntry Entry) : LdapMessage(Id);

/// <summary>A search-result reference; where to is of no interest, it is never followed.</summary>
internal sealed record ReferenceMessage(int Id) : LdapMessage(Id);

/// <summary>An intermediate response (RFC 4511, section 4.13): nothing we asked for.</summary>
internal sealed record IntermediateMessage(int Id) : LdapMessage(Id);

/// <summary>The end of an operation.</summary>
/// <param name="Id">Of the operation.</param>
/// <param name="Operation">The tag: which kind of answer.</param>
/// <param name="Code">The result code.</param>
/// <param name="Diagnostic">Cleaned.</param>
/// <param name="ResponseName">Of an extended response.</param>
/// <param name="ResponseValue">Of an extended response.</param>
/// <param name="PageCookie">Of a paged search; empty on the last page, null when the server did not page.</param>
internal sealed record ResultMessage(
    int Id, byte Operation, int Code, string Diagnostic, string? ResponseName, byte[]? ResponseValue, byte[]? PageCookie) : LdapMessage(Id)
{
    public LdapException ToException() => ResultCodes.ToException(Code, Diagnostic);
}
