using System.Globalization;
using ControlPlane.Web.Look;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ControlPlane.Web.Shell;

/// <summary><c>&lt;age at="…"/&gt;</c>: a time that the browser keeps counting.</summary>
[HtmlTargetElement("age", TagStructure = TagStructure.WithoutEndTag)]
public sealed class AgeTagHelper(TimeProvider clock) : TagHelper
{
    public DateTime? At { get; set; }

    /// <summary>Gets newer with each sign of life that the hub pushes.</summary>
    public bool LastSeen { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (At is not { } at)
        {
            output.TagName = "span";
            output.TagMode = TagMode.StartTagAndEndTag;
            output.Content.SetContent("–");
            return;
        }

        var utc = DateTime.SpecifyKind(at, DateTimeKind.Utc);
        output.TagName = "time";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("data-age", "");
        if (LastSeen)
        {
            output.Attributes.SetAttribute("data-last-seen", "");
        }

        output.Attributes.SetAttribute("datetime", utc.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        output.Attributes.SetAttribute("title", utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC");
        output.Content.SetContent(Quantity.Age(clock.GetUtcNow().UtcDateTime - utc));
    }
}
