using ControlPlane.Core.Identity;

namespace ControlPlane.Api.Hosting;

/// <summary><c>admin first-password</c>: prints what the first start kept, once. Needs no database.</summary>
internal static class FirstPasswordCommand
{
    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        var directory = ServerConfiguration.Read(args)["Server:DataDirectory"];
        if (string.IsNullOrWhiteSpace(directory))
        {
            errors.WriteLine("Server:DataDirectory is required: the server's directory (--data DIR).");
            return 2;
        }

        if (FirstPassword.Take(directory) is not { } password)
        {
            errors.WriteLine("The first password is not kept any more: it was read or changed. Make a new one by: ControlPlane.Api admin reset-password");
            return 1;
        }

        output.WriteLine($"{LocalAccounts.AdministratorName} password: {password}");
        return 0;
    }
}
