using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Core.Results;

/// <summary>A value or the reason why there is none.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Error? error)
    {
        _value = value;
        Error = error;
    }

    public Error? Error { get; }

    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>The value; a bug to ask for after a failure.</summary>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no value: {Error.Code}: {Error.Message}");

    internal static Result<T> From(T value) => new(value, null);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);

    public Result<TOther> Map<TOther>(Func<T, TOther> map) => Error is null ? map(_value!) : Error;
}

/// <summary>Success without a value.</summary>
public readonly record struct Done
{
    public static readonly Done Value;
}

/// <summary>Where the conversion cannot be implicit: interfaces.</summary>
public static class Result
{
    public static Result<T> Of<T>(T value) => Result<T>.From(value);
}
