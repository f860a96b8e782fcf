namespace ControlPlane.Lab;

/// <summary>A lock held by an open file, so it ends with its holder however that ends.</summary>
internal static class ExclusiveFile
{
    public static async Task<FileStream> TakeAsync(
        string path, string busy, TimeSpan limit, CancellationToken cancellationToken)
    {
        FileStream? taken = null;
        var done = await Deadline.HoldsWithinAsync(
            limit,
            _ =>
            {
                try
                {
                    taken = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException)
                {
                    // Somebody else holds it.
                }

                return Task.FromResult(taken is not null);
            },
            cancellationToken);
        return done && taken is not null ? taken : throw new LabException(busy);
    }
}
