using System.Buffers;

namespace ControlPlane.Scheduling.Filters;

/// <summary>One part of a check as an index can answer it.</summary>
/// <param name="Term">The question.</param>
/// <param name="IsNegated">True when the nodes for which it is true fail.</param>
internal readonly record struct IndexPart(Term Term, bool IsNegated = false);

/// <summary>Narrows by all parts of a check or by none.</summary>
internal static class IndexParts
{
    /// <summary>Takes out the nodes that fail a part; false, and nothing taken out, when the view has no answer for one of them.</summary>
    public static bool Narrow(ReadOnlySpan<IndexPart> parts, IClusterView view, SlotSet candidates) =>
        parts.Length == 1 ? Apply(parts[0], view, candidates) : ApplyAll(parts, view, candidates);

    private static bool ApplyAll(ReadOnlySpan<IndexPart> parts, IClusterView view, SlotSet candidates)
    {
        var before = ArrayPool<ulong>.Shared.Rent(candidates.WordCount);
        try
        {
            candidates.Words.CopyTo(before);
            foreach (var part in parts)
            {
                if (!Apply(part, view, candidates))
                {
                    before.AsSpan(0, candidates.WordCount).CopyTo(candidates.Words);
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(before);
        }
    }

    private static bool Apply(in IndexPart part, IClusterView view, SlotSet candidates)
    {
        if (!view.TryFind(part.Term, out var slots))
        {
            return false;
        }

        if (part.IsNegated)
        {
            candidates.ExceptWith(slots);
        }
        else
        {
            candidates.IntersectWith(slots);
        }

        return true;
    }
}
