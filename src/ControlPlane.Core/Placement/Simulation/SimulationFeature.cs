using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>Simulations and the rebalance preview: on copies of the cluster, with no effect.</summary>
public static class SimulationFeature
{
    public static IServiceCollection AddPlacementSimulation(this IServiceCollection services) => 
        services.AddSingleton<PlacementSimulation>().AddSingleton<RebalancePreview>();
}
