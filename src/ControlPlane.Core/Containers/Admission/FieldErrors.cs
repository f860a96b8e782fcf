using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Collects what is wrong with one request; stops counting at 100, so that a hostile body cannot make a large answer.</summary>
internal sealed class FieldErrors
{
    private const int Max = 100;

    // Enough to recognise a key in an answer.
    private const int LongestKeyShown = 64;

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;

    public void Add(string field, string message)
    {
        if (_errors.Count < Max)
        {
            _errors.Add(new FieldError(field, message));
        }
    }

    /// <summary>Notes the message when the condition does not hold; returns the condition.</summary>
    public bool Require(bool condition, string field, string message)
    {
        if (!condition)
        {
            Add(field, message);
        }

        return condition;
    }

    /// <summary>The value when nothing was noted.</summary>
    public Admitted<T> Result<T>(Func<T> value)
        where T : class => _errors.Count == 0 ? new Admitted<T>(value(), []) : new Admitted<T>(null, _errors);

    /// <summary>The path of an entry of a map: <c>env["PATH"]</c>.</summary>
    public static string Key(string field, string key)
    {
        var shown = key.Length > LongestKeyShown ? key[..LongestKeyShown] + "…" : key;
        return field + "[\"" + string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '"' or '\\' ? $"\\u{(int)c:x4}" : c.ToString())) + "\"]";
    }
}
