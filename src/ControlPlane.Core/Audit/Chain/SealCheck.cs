using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit.Chain;

/// <summary>Compares entries, in the order of the chain, with the seals that they should be in.</summary>
internal sealed class SealCheck : IDisposable
{
    private readonly List<AuditSealEntity> _seals;
    private readonly SealHash _hash = new();
    private int _at;
    private int _seen;

    public SealCheck(List<AuditSealEntity> seals)
    {
        _seals = seals;
        Begin();
    }

    public long Entries { get; private set; }

    public (long Seal, string Text)? Problem { get; private set; }

    /// <summary>False when nothing more needs to be looked at.</summary>
    public bool Add(AuditEntity entry)
    {
        while (Problem is null && entry.Seal > _seals[_at].Number)
        {
            Next();
        }

        if (Problem is null && entry.SealIndex != _seen)
        {
            var seal = _seals[_at];
            Problem = (seal.Number, entry.SealIndex > _seen && _seen < seal.Entries
                ? $"Entry {_seen} of {seal.Entries} is missing."
                : $"There are two entries at place {entry.SealIndex}: one was inserted, or they were reordered.");
        }

        if (Problem is not null)
        {
            return false;
        }

        _hash.Add(entry);
        _seen++;
        Entries++;
        return true;
    }

    /// <summary>No more entries come.</summary>
    public void Finish()
    {
        while (Problem is null && _at < _seals.Count)
        {
            Next();
        }
    }

    public void Dispose() => _hash.Dispose();

    private void Begin()
    {
        var seal = _seals[_at];
        _seen = 0;
        _hash.Begin(seal.Number, seal.PreviousHash, seal.SealedAt, seal.Entries);
    }

    private void Next()
    {
        var seal = _seals[_at];
        var hash = _hash.End();
        if (_seen != seal.Entries)
        {
            Problem = (seal.Number, _seen < seal.Entries
                ? $"{seal.Entries - _seen} of its {seal.Entries} entries are missing at the end."
                : $"There are {_seen - seal.Entries} entries more than were sealed: they were inserted.");
        }
        else if (!string.Equals(hash, seal.Hash, StringComparison.Ordinal))
        {
            Problem = (seal.Number, "The hash does not fit: an entry was edited or moved, or the seal was.");
        }
        else if (++_at < _seals.Count)
        {
            Begin();
        }
    }
}
