namespace ControlPlane.Lab;

/// <summary>Something the person at the terminal can act on, said in one sentence.</summary>
public sealed class LabException : Exception
{
    public LabException(string message) : base(message)
    {
    }

    public LabException(string message, Exception inner) : base(message, inner)
    {
    }

    public LabException()
    {
    }
}
