using System.Text;
using QRCoder;

namespace ControlPlane.Web.Look;

/// <summary>A QR code as the address of an image: drawn here, so that the text in it goes nowhere else.</summary>
public static class QrCode
{
    public static string Of(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        var svg = code.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true);
        return "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(svg));
    }
}
