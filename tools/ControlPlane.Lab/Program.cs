using ControlPlane.Lab;

const string Usage = """
    ControlPlane.Lab up [--detach] [--data DIR] [--port N] [--docker-port N] [--nodes N] [--node-labels NAME:k=v,…] [--database SQLITE|"Host=…"] [--public-url URL]
    ControlPlane.Lab check up …   (refuses what cannot start, before anything is built)
    ControlPlane.Lab down [--data DIR]
    ControlPlane.Lab status [--data DIR]
    ControlPlane.Lab sweep ROOT
    """;

try
{
    return args switch
    {
        ["up", .. var rest] => await UpCommand.RunAsync(UpArguments.Parse("up", rest)),
        ["check", "up", .. var rest] => UpCommand.Check(UpArguments.Parse("up", rest)),
        ["down", .. var rest] => await DownAsync(UpArguments.Parse("down", rest)),
        ["status", .. var rest] => await StatusCommand.RunAsync(UpArguments.Parse("status", rest).Data),
        ["sweep", var root] => await SweepCommand.RunAsync(root),
        _ => Fail(Usage),
    };
}
catch (LabException refusal)
{
    return Fail(refusal.Message);
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or HttpRequestException)
{
    return Fail(failure.Message);
}

static async Task<int> DownAsync(UpArguments arguments)
{
    Console.WriteLine(await LabCluster.StopAsync(arguments.Data, CancellationToken.None)
        ? "Stopped."
        : $"Nothing is running in {Path.GetFullPath(arguments.Data)}.");
    return 0;
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}
