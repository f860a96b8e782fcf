using System.Text.Json;

namespace ControlPlane.Lab;

/// <summary>What a data directory remembers of its cluster, so that a second start resumes the same one.</summary>
internal sealed record LabState(
    int Nodes,
    Dictionary<string, Dictionary<string, string>> NodeLabels,
    int Port,
    int DockerPort,
    string Database,
    string? PublicUrl)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static LabState? Read(LabPaths paths)
    {
        if (!File.Exists(paths.State))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LabState>(File.ReadAllText(paths.State), Format)
                ?? throw new JsonException("it is empty");
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new LabException(
                $"{paths.State} cannot be read ({failure.Message.TrimEnd('.')}); remove it to start with new settings.", failure);
        }
    }

    public static LabState From(LabOptions options) => new(
        options.Nodes,
        options.NodeLabels.ToDictionary(node => node.Key, node => node.Value.ToDictionary()),
        options.Port, options.DockerPort, options.Database, options.PublicUrl);

    // The database's connection string may hold a password.
    public void Write(LabPaths paths)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var aside = paths.State + ".part";
        using (var file = new FileStream(aside, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = ownerOnly,
        }))
        {
            JsonSerializer.Serialize(file, this, Format);
        }

        File.Move(aside, paths.State, overwrite: true);
    }
}
