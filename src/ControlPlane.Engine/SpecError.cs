namespace ControlPlane.Engine;

/// <summary>One thing wrong with a document, and where.</summary>
/// <param name="Path">The member, for example <c>HostConfig.PortBindings["80/tcp"][0].HostPort</c>; <c>$</c> is the document itself.</param>
/// <param name="Message">What is wrong, as the rest of a sentence that begins with the path: <c>must be a string</c>.</param>
public sealed record SpecError(string Path, string Message)
{
    /// <summary>The sentence people read.</summary>
    public override string ToString() => Path == "$" ? "The document " + Message : Path + " " + Message;
}
