using System.Text;

namespace ControlPlane.TestKit.Directories;

/// <summary>Builds LDIF text (RFC 2849). Values are written in base64, so none needs care.</summary>
public sealed class Ldif
{
    private readonly StringBuilder _text = new();

    public Ldif Entry(string dn, params IReadOnlyList<(string Name, string Value)> attributes)
    {
        Line("dn", dn);
        foreach (var (name, value) in attributes)
        {
            Line(name, value);
        }

        _text.Append('\n');
        return this;
    }

    public Ldif Add(string dn, string attribute, params IReadOnlyList<string> values)
    {
        Line("dn", dn);
        _text.Append("changetype: modify\nadd: ").Append(attribute).Append('\n');
        foreach (var value in values)
        {
            Line(attribute, value);
        }

        _text.Append("-\n\n");
        return this;
    }

    /// <summary>As it is, e.g. an include.</summary>
    public Ldif Raw(string line)
    {
        _text.Append(line).Append("\n\n");
        return this;
    }

    public override string ToString() => _text.ToString();

    private void Line(string name, string value) =>
        _text.Append(name).Append(":: ").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(value))).Append('\n');
}
