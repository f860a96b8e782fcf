using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>How containers of failed nodes are made anew on others.</summary>
public sealed class ReschedulingOptions
{
    public const string Section = "Rescheduling";

    /// <summary>Moves under way at the same moment: the nodes that are left take the load of the lost one step by step.</summary>
    [Range(1, 1000, ErrorMessage = "Rescheduling:AtOnce must be 1 to 1000.")]
    public int AtOnce { get; set; } = 4;

    /// <summary>How long nothing moves, unless a person says so, when most nodes have failed together.</summary>
    [Range(0, 1440, ErrorMessage = "Rescheduling:HoldMinutes must be 0 to 1440.")]
    public int HoldMinutes { get; set; } = 10;

    /// <summary>How long until a container that could not be moved is looked at again, when no node comes in between.</summary>
    [Range(1, 3600, ErrorMessage = "Rescheduling:LookAgainSeconds must be 1 to 3600.")]
    public int LookAgainSeconds { get; set; } = 15;

    internal TimeSpan Hold => TimeSpan.FromMinutes(HoldMinutes);

    internal TimeSpan LookAgain => TimeSpan.FromSeconds(LookAgainSeconds);
}

/// <summary>By hand: the generated validators leave the messages of attributes out, and ours name the key.</summary>
internal sealed class ReschedulingOptionsValidator : IValidateOptions<ReschedulingOptions>
{
    public ValidateOptionsResult Validate(string? name, ReschedulingOptions options)
    {
        var results = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(results.ConvertAll(result => result.ErrorMessage ?? ReschedulingOptions.Section));
    }
}
