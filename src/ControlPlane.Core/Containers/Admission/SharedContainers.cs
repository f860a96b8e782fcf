using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>
/// Other containers in a spec: what the caller may not see is not there, what they see needs the right to make containers beside it, and what
/// one shares with a container that has it of the host is an option of the host.
/// </summary>
public sealed class SharedContainers(Authorizer authorizer, ClusterState state, ContainerQueries queries, IDbContextFactory<ControlPlaneDb> databases)
{
    // A shares with B, which shares with C …: nobody does that on purpose.
    private const int Deepest = 8;

    internal async Task<IReadOnlyList<HostOption>> CheckAsync(
        List<AdmissionRefusal> refusals, Caller caller, IEnumerable<ContainerReference> references, CancellationToken cancellationToken)
    {
        var find = DependencyResolution.Finder(caller, state, queries);
        var options = new List<HostOption>();
        foreach (var reference in references)
        {
            if (find(reference.Name) is not { } container)
            {
                refusals.Add(new AdmissionRefusal(reference.Field, "dependency.not_found", $"names the container {reference.Name}, which does not exist."));
                continue;
            }

            if (Missing(caller, container, reference.Thing) is { } right)
            {
                refusals.Add(new AdmissionRefusal(reference.Field, right, $"reaches into {container.Name}: that needs the right {right} on {container.Collection}."));
            }
            else if (await ReachesHostAsync(container, reference.Thing, Deepest, cancellationToken))
            {
                options.Add(new HostOption(reference.Field, PermissionOf(reference.Thing), $"shares with {container.Name} what that has of the host, or may have"));
            }
        }

        return options;
    }

    private string? Missing(Caller caller, ContainerRecord container, SharedThing thing)
    {
        string[] rights = thing == SharedThing.Volumes ? [Permission.ContainersCreate, Permission.VolumesUse] : [Permission.ContainersCreate];
        return Array.Find(rights, right => authorizer.Check(caller, right, container.Collection) is not null);
    }

    private async Task<bool> ReachesHostAsync(ContainerRecord container, SharedThing thing, int depth, CancellationToken cancellationToken)
    {
        if (thing == SharedThing.Names)
        {
            return false;
        }

        // Made directly on its engine: nobody here knows what it has.
        if (depth == 0 || !container.Managed || await SpecOfAsync(container.Id, cancellationToken) is not { } spec)
        {
            return true;
        }

        if (HostOptions.Of(spec).Any(option => option.Permission == PermissionOf(thing)))
        {
            return true;
        }

        foreach (var next in ContainerReference.Of(spec).Where(next => next.Thing == thing))
        {
            var id = state.Write(writer => writer.Placement.FindByName(next.Name)) ?? next.Name;
            if (state.Current.Container(id) is not { } other || await ReachesHostAsync(other, thing, depth - 1, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The spec a managed container was made by.</summary>
    internal async Task<ContainerSpec?> SpecOfAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var json = await db.Containers.AsNoTracking().Where(c => c.Id == id).Select(c => c.SpecJson).FirstOrDefaultAsync(cancellationToken);
        return json is null ? null : ContainerSpecReader.Read(System.Text.Encoding.UTF8.GetBytes(json)).Value;
    }

    private static string PermissionOf(SharedThing thing) => thing switch
    {
        SharedThing.Volumes => Permission.HostMounts,
        SharedThing.Network => Permission.HostNetwork,
        SharedThing.Processes => Permission.HostPid,
        _ => Permission.HostIpc,
    };
}
