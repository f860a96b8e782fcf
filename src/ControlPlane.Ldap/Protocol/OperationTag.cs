namespace ControlPlane.Ldap.Protocol;

/// <summary>The first octet of an operation inside a message (RFC 4511, appendix B).</summary>
internal static class OperationTag
{
    public const byte BindRequest = 0x60;
    public const byte BindResponse = 0x61;
    public const byte UnbindRequest = 0x42;
    public const byte SearchRequest = 0x63;
    public const byte SearchEntry = 0x64;
    public const byte SearchDone = 0x65;
    public const byte SearchReference = 0x73;
    public const byte AbandonRequest = 0x50;
    public const byte ExtendedRequest = 0x77;
    public const byte ExtendedResponse = 0x78;
    public const byte IntermediateResponse = 0x79;
}
