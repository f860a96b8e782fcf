using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>One admission for every door.</summary>
public static class AdmissionFeature
{
    public static IServiceCollection AddAdmission(this IServiceCollection services)
    {
        services.AddSingleton<CollectionChoice>();
        services.AddSingleton<SharedContainers>();
        services.AddSingleton<ObjectUse>();
        services.AddSingleton<AdmissionCheck>();
        services.AddSingleton<AdmissionGate>();
        services.AddSingleton<CreateAdmission>();
        services.AddSingleton<ExecAdmission>();
        services.AddSingleton<CommitAdmission>();
        services.AddSingleton<BuildAdmission>();
        services.AddSingleton<VolumeAdmission>();
        services.AddSingleton<NetworkAdmission>();
        return services;
    }
}
