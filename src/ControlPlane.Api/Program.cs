using ControlPlane.Api.Hosting;

return await ServerCommandLine.RunAsync(args);
