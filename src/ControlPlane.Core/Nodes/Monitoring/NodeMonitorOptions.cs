using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Nodes.Monitoring;

/// <summary>How soon a silent node counts as Unknown and as Down.</summary>
public sealed class NodeMonitorOptions
{
    public const string Section = "Nodes:Monitor";

    /// <summary>How often agents send a heartbeat, at least.</summary>
    [Range(1, 60, ErrorMessage = "Nodes:Monitor:HeartbeatSeconds must be 1 to 60.")]
    public int HeartbeatSeconds { get; set; } = 3;

    /// <summary>How late a heartbeat may be before it counts as missed, in milliseconds.</summary>
    [Range(100, 10_000, ErrorMessage = "Nodes:Monitor:HeartbeatToleranceMilliseconds must be 100 to 10000.")]
    public int HeartbeatToleranceMilliseconds { get; set; } = 500;

    /// <summary>How long a broken session may take to come back before the node is Unknown.</summary>
    [Range(0, 60, ErrorMessage = "Nodes:Monitor:SessionLostSeconds must be 0 to 60.")]
    public int SessionLostSeconds { get; set; } = 2;

    /// <summary>How long a node is Unknown before it is Down.</summary>
    [Range(1, 3600, ErrorMessage = "Nodes:Monitor:DownAfterSeconds must be 1 to 3600.")]
    public int DownAfterSeconds { get; set; } = 10;

    /// <summary>After the server's start no node is called Down for this long: agents first have to find back.</summary>
    [Range(0, 3600, ErrorMessage = "Nodes:Monitor:StartAmnestySeconds must be 0 to 3600.")]
    public int StartAmnestySeconds { get; set; } = 60;

    /// <summary>How long the mark of a doubled identity stays.</summary>
    [Range(1, 1440, ErrorMessage = "Nodes:Monitor:DuplicateMarkMinutes must be 1 to 1440.")]
    public int DuplicateMarkMinutes { get; set; } = 10;

    internal TimeSpan SessionLost => TimeSpan.FromSeconds(SessionLostSeconds);

    internal TimeSpan DownAfter => TimeSpan.FromSeconds(DownAfterSeconds);

    internal TimeSpan Amnesty => TimeSpan.FromSeconds(StartAmnestySeconds);
}

/// <summary>By hand: the generated validators leave the messages of attributes out, and ours name the key.</summary>
internal sealed class NodeMonitorOptionsValidator : IValidateOptions<NodeMonitorOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeMonitorOptions options)
    {
        var results = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(results.ConvertAll(result => result.ErrorMessage ?? NodeMonitorOptions.Section));
    }
}
