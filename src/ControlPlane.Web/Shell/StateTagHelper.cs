using ControlPlane.Web.Look;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ControlPlane.Web.Shell;

/// <summary><c>&lt;state look="…"/&gt;</c>: icon and word.</summary>
[HtmlTargetElement("state", TagStructure = TagStructure.WithoutEndTag)]
public sealed class StateTagHelper : TagHelper
{
    public required StateLook Look { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "state is-" + Look.Tone);
        var icon = new Microsoft.AspNetCore.Mvc.Rendering.TagBuilder("i");
        icon.AddCssClass("ti " + Look.Icon);
        icon.Attributes["aria-hidden"] = "true";
        output.Content.AppendHtml(icon);
        output.Content.Append(Look.Word);
    }
}
