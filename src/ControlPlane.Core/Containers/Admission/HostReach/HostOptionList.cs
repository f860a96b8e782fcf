namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Collects the host options of one spec.</summary>
internal sealed class HostOptionList
{
    // More make no difference to the refusal; a hostile spec makes no large answer.
    private const int Max = 200;

    private readonly List<HostOption> _options = [];

    public IReadOnlyList<HostOption> Options => _options;

    public void Add(string field, string permission, string sentence)
    {
        if (_options.Count < Max)
        {
            _options.Add(new HostOption(field, permission, sentence));
        }
    }

    public void AddIf(bool condition, string field, string permission, string sentence)
    {
        if (condition)
        {
            Add(field, permission, sentence);
        }
    }

    /// <summary>Every entry of a list.</summary>
    public void Each<T>(IReadOnlyList<T>? values, string field, string permission, string sentence, Func<T, bool>? reaches = null)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
        {
            AddIf(reaches is null || reaches(values![i]), $"{field}[{i}]", permission, sentence);
        }
    }

    /// <summary>Every entry of a map.</summary>
    public void Each<T>(IReadOnlyDictionary<string, T>? values, string field, string permission, string sentence, Func<string, T, bool>? reaches = null)
    {
        foreach (var (key, value) in values ?? new Dictionary<string, T>(0))
        {
            AddIf(reaches is null || reaches(key, value), FieldErrors.Key(field, key), permission, sentence);
        }
    }
}
