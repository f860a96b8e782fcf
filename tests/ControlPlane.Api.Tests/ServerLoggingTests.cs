using ControlPlane.Api.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Tests;

public sealed class ServerLoggingTests
{
    [Theory]
    [InlineData(null, ConsoleFormatterNames.Simple)]
    [InlineData("json", ConsoleFormatterNames.Json)]
    public async Task The_console_uses_the_formatter_that_was_set_up(string? setting, string expected)
    {
        await using var app = ServerApplication.Build(
            ["--data", Path.GetTempPath(), .. setting is null ? (string[])[] : ["--Logging:Console:FormatterName", setting]]);

        // With no name at all the provider writes two lines for each event, without a time.
        app.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName.ShouldBe(expected);
        var simple = app.Services.GetRequiredService<IOptions<SimpleConsoleFormatterOptions>>().Value;
        simple.SingleLine.ShouldBeTrue();
        simple.UseUtcTimestamp.ShouldBeTrue();
    }
}
