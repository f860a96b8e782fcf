using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace ControlPlane.Core.Secrets;

/// <summary>Passes keys through: <see cref="DataProtectionKeys"/> wraps the whole element.</summary>
internal sealed class AlreadyWrapped : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(plaintextElement, typeof(PassThrough));

    internal sealed class PassThrough : IXmlDecryptor
    {
        public XElement Decrypt(XElement encryptedElement) => encryptedElement;
    }
}
