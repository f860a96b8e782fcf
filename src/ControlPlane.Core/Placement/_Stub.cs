namespace ControlPlane.Scheduling { public readonly record struct NodeId(string Value); }
namespace ControlPlane.Core.Placement
{
    public sealed class PlacementIndex
    {
        public void UpsertNode(object facts) => _ = (facts, this);
        public void RemoveNode(ControlPlane.Scheduling.NodeId id) => _ = (id, this);
        public void Put(string key, object load) => _ = (key, load, this);
        public void Remove(string key) => _ = (key, this);
    }
    internal static class PlacementFacts { public static object Of(object record) => record; }
}
