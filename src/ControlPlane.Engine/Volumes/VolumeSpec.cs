namespace ControlPlane.Engine.Volumes;

/// <summary>The body of <c>POST /volumes/create</c> (Engine API v1.41); cluster volumes of later versions are not known and so refused.</summary>
public sealed record VolumeSpec
{
    /// <summary>Name; made by the engine when left out.</summary>
    public string? Name { get; init; }

    /// <summary>Driver; <c>local</c> when left out.</summary>
    public string? Driver { get; init; }

    /// <summary>Options of the driver; the local one hands <c>type</c>, <c>o</c> and <c>device</c> to mount(2).</summary>
    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
