using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>On which nodes an image, a local network or a local volume is.</summary>
internal sealed class ContentTable
{
    private readonly Dictionary<(TermKind Kind, string Name), SlotBits> _holders = [];

    public SlotBits? Find(TermKind kind, string name) => _holders.GetValueOrDefault((kind, name));

    /// <summary>What a node holds has changed; it is the same object as long as nothing has.</summary>
    public void Replace(int slot, NodeContents? before, NodeContents? now)
    {
        if (ReferenceEquals(before, now))
        {
            return;
        }

        Set(slot, before, false);
        Set(slot, now, true);
    }

    private void Set(int slot, NodeContents? contents, bool value)
    {
        if (contents is not null)
        {
            Set(TermKind.Image, slot, contents.Images, value);
            Set(TermKind.Network, slot, contents.Networks, value);
            Set(TermKind.Volume, slot, contents.Volumes, value);
        }
    }

    private void Set(TermKind kind, int slot, IReadOnlySet<string> names, bool value)
    {
        foreach (var name in names)
        {
            if (!_holders.TryGetValue((kind, name), out var holders))
            {
                if (!value)
                {
                    continue;
                }

                _holders[(kind, name)] = holders = new SlotBits();
            }

            holders.Set(slot, value);
            if (holders.Population == 0)
            {
                _holders.Remove((kind, name));
            }
        }
    }
}
